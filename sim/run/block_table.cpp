#include "sim/run/block_table.hpp"

#include <algorithm>
#include <iterator>

#include "allocator/check.hpp"

namespace numasim {

std::shared_ptr<Allocation> BlockTable::bind(const trace::Alloc& alloc) {
  auto allocation = std::make_shared<Allocation>();
  allocation->order = alloc.order;
  const bool is_new = by_first_id_.emplace(alloc.id, BlockSlice{allocation, 0, alloc.count}).second;
  MM_CHECK(is_new, "id", alloc.id);
  return allocation;
}

std::vector<BlockSlice> BlockTable::release(const trace::Free& free) {
  std::vector<BlockSlice> released;
  std::uint64_t id = free.id;
  for (std::uint64_t left = free.count; left > 0;) {
    auto at = by_first_id_.upper_bound(id);
    MM_CHECK(at != by_first_id_.begin(), "id", id);
    --at;
    const BlockSlice slice = at->second;
    const std::uint64_t skipped = id - at->first;
    MM_CHECK(skipped < slice.count, "id", id);
    const std::uint64_t count = std::min(left, slice.count - skipped);
    const std::uint64_t behind = slice.count - skipped - count;

    released.push_back({slice.allocation, slice.first + skipped, count});
    if (behind > 0) {
      by_first_id_.emplace(id + count,
                           BlockSlice{slice.allocation, slice.first + skipped + count, behind});
    }
    if (skipped > 0) {
      at->second.count = skipped;
    } else {
      by_first_id_.erase(at);
    }
    id += count;
    left -= count;
  }
  return released;
}

}  // namespace numasim
