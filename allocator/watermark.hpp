#pragma once
// Watermarks and what follows from a zone's size: pure functions (mm/page_alloc.c and
// mm/vmstat.c of 2.6.24).

#include <array>
#include <cstdint>
#include <span>

#include "allocator/units.hpp"

namespace numasim {

/// How a pass over the zonelist treats a zone (ALLOC_* of mm/page_alloc.c).
using AllocFlags = std::uint32_t;
inline constexpr AllocFlags ALLOC_NO_WATERMARKS = 0x01, ALLOC_WMARK_MIN = 0x02,
                            ALLOC_WMARK_LOW = 0x04, ALLOC_WMARK_HIGH = 0x08, ALLOC_HARDER = 0x10,
                            ALLOC_HIGH = 0x20, ALLOC_CPUSET = 0x40;

/// pages_min, pages_low, pages_high of a zone.
struct Watermarks {
  PageCount min, low, high;
  /// The mark that the flags select, tested in the order min, low, else high.
  PageCount select(AllocFlags flags) const {
    if (flags & ALLOC_WMARK_MIN) return min;
    return flags & ALLOC_WMARK_LOW ? low : high;
  }
};

/// lowmem_reserve of a zone, by the class (zone index) of the request.
using LowmemReserve = std::array<PageCount, kZoneTypes>;

/// Number of free blocks by order (zone->free_area[].nr_free).
using FreeBlocks = std::array<std::int64_t, kMaxOrder>;

/// zone_watermark_ok(): whether 2^order pages may be taken and still leave `mark` behind.
/// `free` is the folded counter, not negative; `blocks(order)` gives the free blocks of an order.
template <class BlocksOf>
bool zone_watermark_ok(Order order, PageCount mark, PageCount free, PageCount lowmem_reserve,
                       AllocFlags flags, BlocksOf blocks) {
  std::int64_t min = mark.value;
  std::int64_t left = free.value - order.pages().value + 1;
  if (flags & ALLOC_HIGH) min -= min / 2;
  if (flags & ALLOC_HARDER) min -= min / 4;
  if (left <= min + lowmem_reserve.value) return false;
  for (std::uint8_t k = 0; k < order.value; ++k) {  // smaller blocks are of no use to us
    left -= blocks(Order{k}) << k;
    min >>= 1;
    if (left <= min) return false;
  }
  return true;
}

/// The kernel's integer square root (rounds down, by halving steps).
std::uint64_t int_sqrt(std::uint64_t x);

/// min_free_kbytes as init_per_zone_pages_min chooses it from the lowmem of the boot node's list.
std::int64_t default_min_free_kbytes(std::int64_t lowmem_kbytes);

/// setup_per_zone_pages_min for one zone: its share of min_free_kbytes, by present pages.
Watermarks watermarks_of(PageCount present, PageCount all_present, std::int64_t min_free_kbytes);

/// Lengths of a per-CPU list: frees overflow at `high`, `batch` pages move at a time.
struct PagesetSize {
  int high = 0;
  int batch = 0;
};
struct PagesetSizes {
  PagesetSize hot, cold;
};
/// zone_batchsize and setup_pageset; `fraction` is percpu_pagelist_fraction, 0 for none.
PagesetSizes pageset_sizes(PageCount present, int fraction);

/// Per-CPU counter threshold of a zone (calculate_threshold of mm/vmstat.c).
int stat_threshold(PageCount present, int online_cpus);

}  // namespace numasim
