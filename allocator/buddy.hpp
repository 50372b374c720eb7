#pragma once
// The buddy system of one zone: free blocks by order and migratetype, splitting, merging, and
// stealing from other types (mm/page_alloc.c of 2.6.24: __rmqueue, __free_one_page).

#include <array>
#include <cstdint>
#include <optional>

#include "allocator/config.hpp"
#include "allocator/frame.hpp"
#include "allocator/pageblock.hpp"

namespace numasim {

/// A fallback that was taken, for the observer.
struct FallbackTaken {
  Pfn block;         // first frame of the block found
  Order found;       // its order
  MigrateType from;  // the list it stood on
};

/// A block of the wanted type, or none, and how often a larger one was halved to get it.
struct SplitBlock {
  MaybePfn pfn;
  unsigned splits = 0;
};

/// A block taken from the free lists and what it took to get it.
struct TakenBlock {
  Pfn pfn;
  unsigned splits = 0;
  std::optional<FallbackTaken> fallback;
};

class Buddy {
 public:
  Buddy(FrameTable& frames, Pageblocks& pageblocks, PfnRange span)
      : frames_(frames), pageblocks_(pageblocks), span_(span) {}

  /// Takes a block of the wanted type, stealing if there is none (__rmqueue). Nothing when no free
  /// block of any type is large enough.
  std::optional<TakenBlock> take(Order order, MigrateType wanted);
  /// Its first step, which nearly always does: the smallest block of this very type that is large
  /// enough (__rmqueue_smallest).
  SplitBlock take_smallest(Order order, MigrateType type);

  /// Returns a block and merges it with its free buddies (__free_one_page). The merged block is
  /// filed under the type that the pageblock of `pfn` has now. Returns the number of merges.
  unsigned give(Pfn pfn, Order order);

  /// Starts to fetch into the cache what giving back this single page may touch beyond its own
  /// cache line: the neighbours on their lists of the first two buddies, and the third buddy. In a
  /// large memory freed in random order each of them would be waited for in turn. A buddy that is
  /// not free has no neighbours; then the fetch is for nothing, but never a fault. (The first two
  /// buddies lie in the same page of the table as the frame: it is read whole, to its end.)
  /// (always_inline: g++ 12 takes a function that only fetches for one that does nothing.)
  [[gnu::always_inline]] void fetch_neighbours(Pfn pfn) const {
    const Frame& first = frames_[Pfn{pfn.value ^ 1}];
    frames_.fetch(first.next);
    frames_.fetch(first.prev);
    const Frame& second = frames_[Pfn{(pfn.value & ~std::uint64_t{1}) ^ 2}];
    frames_.fetch(second.next);
    frames_.fetch(second.prev);
    frames_.fetch(to_index(Pfn{(pfn.value & ~std::uint64_t{3}) ^ 4}));
  }

  /// Moves every free block of the pageblock around `pfn` to the lists of `type`
  /// (move_freepages_block). Returns the pages moved; none when the pageblock crosses the zone end.
  PageCount move_pageblock(Pfn pfn, MigrateType type);

  /// Free blocks of an order, all types (zone->free_area[order].nr_free).
  std::int64_t blocks(Order order) const { return nr_free_[order.value]; }
  std::int64_t blocks(Order order, MigrateType type) const { return list(order, type).size(); }
  PageCount free_pages() const;

  /// Calls visit(Pfn) for each block of a list, head first.
  template <class Visit>
  void for_each(Order order, MigrateType type, Visit visit) const {
    for (FrameIndex at = list(order, type).first(); at != kNoFrame;) {
      if (order == kTopOrder) {
        visit(top_pfn(at));
        at = frames_.tops().at(at).next;
      } else {
        visit(to_pfn(at));
        at = frames_.at(at).next;
      }
    }
  }

  /// For restoring a recorded state: empties the lists; what stood on them counts as in use.
  void clear();
  /// For boot and for restoring a recorded state: files a block without merging.
  void file_first(Pfn pfn, Order order, MigrateType type);
  void file_last(Pfn pfn, Order order, MigrateType type);
  /// Whether the lists were ever emptied or filled that way: then what boot freed says nothing of
  /// how many pages there should be.
  bool restored() const { return restored_; }

  /// Recounts the lists: heads are free blocks of the right order and type, inside the zone,
  /// aligned, and no two buddies below the top order are both free.
  void check() const;

 private:
  using Lists = std::array<std::array<LinkedList, kMigrateTypes>, kMaxOrder>;

  static constexpr Pfn top_pfn(FrameIndex index) {
    return Pfn{std::uint64_t{index} << kTopOrder.value};
  }
  const LinkedList& list(Order order, MigrateType type) const {
    return lists_[order.value][index(type)];
  }
  LinkedList& list(Order order, MigrateType type) { return lists_[order.value][index(type)]; }

  Pfn first_of(Order order, MigrateType type) const;
  MigrateType listed_type(Pfn pfn, Order order) const;
  void unlist(Pfn pfn, Order order);
  // The same for blocks below the top order, where nearly all work is done.
  void file_small_first(Pfn pfn, Order order, MigrateType type);
  void unlist_small(Pfn pfn, Order order);
  std::optional<TakenBlock> take_fallback(Order order, MigrateType wanted);
  TakenBlock steal(Pfn block, Order found, Order order, MigrateType from, MigrateType wanted);
  unsigned expand(Pfn block, Order low, Order high, MigrateType type);

  FrameTable& frames_;
  Pageblocks& pageblocks_;
  PfnRange span_;
  Lists lists_;
  std::array<std::int64_t, kMaxOrder> nr_free_{};
  bool restored_ = false;
};

}  // namespace numasim
