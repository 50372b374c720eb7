#pragma once
// Page migration: pages in use are copied to other frames, and page tables follow (mm/migrate.c and
// do_migrate_pages() of mm/mempolicy.c, 2.6.24).
// Differs from Linux: pages in the swap cache stay where they are; while a page is copied its tasks
// may go on using it, where Linux lets them wait.

#include <functional>
#include <optional>
#include <vector>

#include "allocator/address_space.hpp"

namespace numasim {

class Migration {
 public:
  /// MPOL_MF_MOVE leaves alone what others map too; MPOL_MF_MOVE_ALL does not.
  enum class Which : std::uint8_t { mapped_once, all };
  /// Allocates the page that takes over from a page of a region or file. Suspends.
  using NewPage = std::function<std::optional<Pfn>(Task& by, PageIndex page)>;
  /// Whether a page of a region shall move.
  using Wanted = std::function<bool(const Region& region, Pfn pfn)>;

  Migration(PageAllocator& allocator, Machine& machine, Lru& lru, Mappings& mappings)
      : allocator_(allocator), memory_(allocator.memory()), machine_(machine), lru_(lru),
        mappings_(mappings) {}

  /// do_migrate_pages(): the n-th node of `from` gives its pages to the n-th of `to`, counting
  /// round; nodes whose place is free of others' pages first. Returns the pages moved. Suspends.
  PageCount between_nodes(Task& by, AddressSpace& mm, NodeMask from, NodeMask to, Which which);
  /// The pages of a region that are wanted go where `new_page` says. Returns those moved. Suspends.
  PageCount of_region(Task& by, Region& region, const Wanted& wanted, const NewPage& new_page,
                      Which which);

  PageCount moved() const { return moved_; }

 private:
  enum class Outcome : std::uint8_t { moved, again, no_memory };
  enum class Patience : bool { none, waits };
  struct Step {
    NodeId source, destination;
  };

  static std::optional<Step> next_step(NodeMask left, NodeMask from, NodeMask to);
  void drain_vectors(Task& by);
  void isolate(Task& by, Region& region, const Wanted& wanted, Which which,
               std::vector<Pfn>& isolated);
  PageCount migrate_pages(Task& by, std::vector<Pfn> pages, const NewPage& new_page);
  Outcome unmap_and_move(Task& by, Pfn old, const NewPage& new_page, Patience patience);
  bool is_free_to_move(Task& by, Pfn old, Patience patience);
  void copy(Task& by, Pfn old, Pfn fresh);
  void replace(const OnCpu& on, Pfn old, Pfn fresh);
  void put_back(const OnCpu& on, Pfn pfn);
  void move_count(const OnCpu& on, Pfn old, Pfn fresh, ZoneStat item);

  PageAllocator& allocator_;
  Memory& memory_;
  Machine& machine_;
  Lru& lru_;
  Mappings& mappings_;
  PageCount moved_{0};
};

}  // namespace numasim
