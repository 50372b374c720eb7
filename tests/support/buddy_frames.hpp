#pragma once
// The buddy system of one zone, alone.

#include <vector>

#include "allocator/buddy.hpp"

namespace numasim {

/// A zone's buddy system over frames [0, pages), all in use at first, in movable pageblocks.
struct BuddyFrames {
  explicit BuddyFrames(std::uint64_t pages, std::uint8_t pageblock_order = 9)
      : table(Pfn{pages}),
        blocks(Order{pageblock_order}, Pfn{pages}),
        buddy(table, blocks, PfnRange{Pfn{0}, Pfn{pages}}) {
    for (std::uint64_t pfn = 0; pfn < pages; pfn += std::uint64_t{1} << pageblock_order)
      blocks.set_type(Pfn{pfn}, MigrateType::movable);
  }
  /// First frames of the blocks of a free list, its head first.
  std::vector<std::uint64_t> list(std::uint8_t order, MigrateType type) const {
    std::vector<std::uint64_t> pfns;
    buddy.for_each(Order{order}, type, [&](Pfn pfn) { pfns.push_back(pfn.value); });
    return pfns;
  }
  FrameTable table;
  Pageblocks blocks;
  Buddy buddy;
};

}  // namespace numasim
