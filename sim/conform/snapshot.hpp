#pragma once
// The state of the core in the words of the recordings: counts and FNV-1a hashes of lists.

#include <cstdint>

#include "allocator/memory.hpp"
#include "sim/conform/recording.hpp"

namespace numasim::conform {

/// Which parts exist in an era's recordings.
struct Shape {
  explicit Shape(Era era)
      : zone_types(switches_of(era).movable_zone ? 4 : 3),
        migrate_types(switches_of(era).mobility_lists ? 4 : 1) {}
  bool has_pageblocks() const { return migrate_types > 1; }
  unsigned zone_types;
  unsigned migrate_types;
};

/// Blocks on each free list: [order][type].
Json free_blocks(const Zone& zone, Shape shape);
/// Hash of all free lists, from order 0 up.
std::string free_lists_hash(const Zone& zone, Shape shape);
/// Pageblocks of a zone by type, and the hash of their types in order of address.
Json pageblock_counts(const Memory& memory, const Zone& zone);
std::string pageblock_hash(const Memory& memory, const Zone& zone);
/// For each CPU: pages on the hot list, on the cold list, pending delta of the free counter.
Json pageset_counts(const Zone& zone);
/// Hash of all per-CPU lists, with the types noted on the pages where the era has types.
std::string pageset_lists_hash(const Memory& memory, const Zone& zone, Shape shape);

}  // namespace numasim::conform
