#include "allocator/watermark.hpp"

#include <algorithm>
#include <bit>

namespace numasim {
namespace {

/// fls(): 1-based index of the highest set bit, 0 for 0.
int find_last_set(std::uint64_t x) { return static_cast<int>(std::bit_width(x)); }

}  // namespace

std::uint64_t int_sqrt(std::uint64_t x) {
  std::uint64_t root = 0;
  std::uint64_t left = x;
  for (std::uint64_t place = std::uint64_t{1} << 62; place != 0; place >>= 2) {
    const std::uint64_t sum = place + root;
    root >>= 1;
    if (sum <= left) {
      left -= sum;
      root += place;
    }
  }
  return root;
}

std::int64_t default_min_free_kbytes(std::int64_t lowmem_kbytes) {
  const auto root = static_cast<std::int64_t>(
      int_sqrt(static_cast<std::uint64_t>(lowmem_kbytes) * 16));
  return std::clamp<std::int64_t>(root, 128, 65536);
}

Watermarks watermarks_of(PageCount present, PageCount all_present, std::int64_t min_free_kbytes) {
  const std::int64_t pages_min = min_free_kbytes >> (kPageShift - 10);
  const std::int64_t divisor = std::max<std::int64_t>(all_present.value, 1);
  const std::int64_t share = pages_min * present.value / divisor;
  return {{share}, {share + (share >> 2)}, {share + (share >> 1)}};
}

PagesetSizes pageset_sizes(PageCount present, int fraction) {
  constexpr std::int64_t kMostPages = 512 * 1024 / static_cast<std::int64_t>(kPageBytes);
  std::int64_t quarter = std::min(present.value / 1024, kMostPages) / 4;
  quarter = std::max<std::int64_t>(quarter, 1);
  const int batch =
      (1 << (find_last_set(static_cast<std::uint64_t>(quarter + quarter / 2)) - 1)) - 1;

  PagesetSizes sizes{{6 * batch, std::max(1, batch)}, {2 * batch, std::max(1, batch / 2)}};
  if (fraction > 0) {  // setup_pagelist_highmark: the hot list only
    const auto high = static_cast<int>(present.value / fraction);
    constexpr int kBatchMost = static_cast<int>(kPageShift) * 8;
    sizes.hot = {high, std::min(std::max(1, high / 4), kBatchMost)};
  }
  return sizes;
}

int stat_threshold(PageCount present, int online_cpus) {
  const auto units_of_128_mib = static_cast<std::uint64_t>(present.value) >> (27 - kPageShift);
  const int threshold = 2 * find_last_set(static_cast<std::uint64_t>(online_cpus)) *
                        (1 + find_last_set(units_of_128_mib));
  return std::min(125, threshold);
}

}  // namespace numasim
