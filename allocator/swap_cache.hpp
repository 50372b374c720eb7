#pragma once
// The swap cache: pages that are, or will be, also in a swap slot, and the I/O between the two
// (mm/swap_state.c and mm/page_io.c of 2.6.24).

#include <map>
#include <vector>

#include "allocator/bios.hpp"
#include "allocator/lru.hpp"
#include "allocator/mapping.hpp"
#include "allocator/swap.hpp"

namespace numasim {

/// What a page in the swap cache is to its task only the task's page table knows. A page that no
/// page table maps belongs to the swap cache alone; its frame names the swap cache as owner.
class SwapCache {
 public:
  SwapCache(Memory& memory, Machine& machine, Bios& bios, Lru& lru, Mappings& mappings,
            SwapSpace& space);

  /// lookup_swap_cache().
  std::optional<Pfn> find(SwapEntry entry) const;
  /// Requires: the page is in the swap cache.
  SwapEntry entry_of(Pfn pfn) const { return {entry_of_[pfn.value]}; }

  /// add_to_swap(): gives an anonymous page a slot; it is dirty then. False when there is none.
  bool add_to_swap(const OnCpu& on, Pfn pfn);
  /// add_to_swap_cache(): a page that is to be read from a slot; locked then. False when the slot
  /// was freed or is cached meanwhile.
  bool add_for_reading(const OnCpu& on, SwapEntry entry, Pfn pfn);
  /// delete_from_swap_cache(): the slot is used once less. A page that nobody maps has no owner
  /// then; the caller frees it.
  void remove(const OnCpu& on, Pfn pfn);

  /// Who asks to drop a slot, and so may hold the page.
  enum class By : std::uint8_t { its_last_user, reclaim };
  /// remove_exclusive_swap_page(): gives up the slot of a page that nobody else needs, and that is
  /// not being written. False: it stays.
  bool remove_exclusive(const OnCpu& on, Pfn pfn, By by);
  /// free_swap_and_cache(): a page table entry gives up its slot. Frees the cached copy when it has
  /// no other user.
  void free_swap_and_cache(const OnCpu& on, SwapEntry entry);

  /// swap_readpage(): starts reading a page. Suspends: may wait for a request.
  void start_read(Task& task, Pfn pfn);
  /// swap_writepage(): starts writing a page, unless the swap cache is its last user: then the
  /// slot is dropped instead. Suspends: may wait for a request.
  void start_write(Task& task, Pfn pfn);
  void io_completed(const OnCpu& on, const Bio& bio);
  /// end_swap_bio_write() without success: the page is dirty again, so nobody takes it for saved.
  void write_failed(const OnCpu& on, const Bio& bio);
  /// Sleeps while the page's I/O goes on. Suspends.
  void wait_while(Task& task, Pfn pfn, PageFlag flag);

  /// The mapping that owns pages of the swap cache that nobody maps (swapper_space).
  const Mapping& swapper() const { return swapper_; }
  SwapSpace& space() { return space_; }
  const SwapSpace& space() const { return space_; }
  /// Calls visit(entry, pfn) for each cached page, ascending.
  template <class Visit>
  void for_each(Visit visit) const {
    for (unsigned area = 0; area < cached_.size(); ++area)
      for (std::uint32_t offset = 0; offset < cached_[area].size(); ++offset)
        if (const FrameIndex at = cached_[area][offset]; at != kNoFrame)
          visit(SwapEntry::of(area, offset), to_pfn(at));
  }

 private:
  void insert(const OnCpu& on, SwapEntry entry, Pfn pfn);
  void submit(Task& task, Pfn pfn, IoDirection direction);

  Memory& memory_;
  Machine& machine_;
  Bios& bios_;
  Lru& lru_;
  Mappings& mappings_;
  SwapSpace& space_;
  Mapping& swapper_;
  std::vector<std::vector<FrameIndex>> cached_;  // by area and offset
  LazyArray<std::uint32_t> entry_of_;            // by pfn (page_private)
  std::map<Pfn, WaitQueue> page_waits_;
};

}  // namespace numasim
