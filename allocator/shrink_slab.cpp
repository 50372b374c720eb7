#include "allocator/shrink_slab.hpp"

#include <utility>

namespace numasim {
namespace {

constexpr std::int64_t kSeeks = 2;        // DEFAULT_SEEKS
constexpr int kBatch = 128;               // SHRINK_BATCH
constexpr std::int64_t kLeastScanned = 32;  // SWAP_CLUSTER_MAX

/// What a shrinker's share of this round adds to what it has still to do: as many of its objects
/// in proportion as pages were scanned, never more than twice all it has.
std::int64_t with_its_share(std::int64_t due, std::int64_t freeable, PageCount scanned,
                            PageCount lru_pages) {
  const std::int64_t pressure = 4 * scanned.value / kSeeks;
  due += pressure * freeable / (lru_pages.value + 1);
  if (due < 0) due = freeable;
  return std::min(due, 2 * freeable);
}

}  // namespace

std::int64_t ShrinkSlab::shrink_slab(Task& task, PageCount scanned, Gfp gfp,
                                     PageCount lru_pages) {
  if (scanned.value == 0) scanned.value = kLeastScanned;
  std::int64_t freed = 0;
  for (Registered& registered : registered_) {
    registered.due =
        with_its_share(registered.due, registered.shrinker->freeable(), scanned, lru_pages);
    freed += shrink(task, registered, gfp);
  }
  return freed;
}

/// Whole batches only; what is left waits for the next call. A request that may not enter the file
/// system leaves it all (both shrinkers answer -1), and so does one that comes while another task
/// is at it.
std::int64_t ShrinkSlab::shrink(Task& task, Registered& registered, Gfp gfp) {
  std::int64_t left = std::exchange(registered.due, 0);
  std::int64_t freed = 0;
  while (left >= kBatch && gfp.has(__GFP_FS)) {
    const std::int64_t before = registered.shrinker->freeable();
    registered.shrinker->scan(OnCpu{task}, kBatch);
    freed += std::max<std::int64_t>(before - registered.shrinker->freeable(), 0);
    memory_.events().slabs_scanned += kBatch;
    left -= kBatch;
    machine_.spend(task);
  }
  registered.due += left;
  return freed;
}

}  // namespace numasim
