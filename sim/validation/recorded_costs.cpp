#include "sim/validation/recorded_costs.hpp"

namespace numasim::validation {
namespace {

// All in ns. Each is named by its row of the table of costs that came with the recordings.
constexpr std::int64_t kRecord = 288;           // one trace record
constexpr std::int64_t kClearPage = 2890;       // clear_page
constexpr std::int64_t kAllocHit = 1761;        // order-0 alloc, pageset hit
constexpr std::int64_t kFirstTouch = 6756;      // first touch, without trace and refill
constexpr std::int64_t kWriteNewPage = 22'000;  // write(2) 4096 B, new page, ext2

}  // namespace

CostModel recorded_costs() {
  CostModel costs;
  costs.pageset_hit = {kAllocHit + kRecord};
  costs.pageset_free = {701 + kRecord};  // order-0 free into the pageset
  costs.refill_base = {500 + kRecord};   // refill: about 500 + 490 n
  costs.refill_per_page = {490};
  costs.buddy_base = {2150 + kRecord};  // order-1 alloc
  costs.buddy_per_step = {50};          // "splitting cost is small": 2,150 to 2,515 over ten orders
  costs.flush_per_page = {800};          // bulk free of 15 and 31: 0.57 to 1.0 us a page
  costs.block_check_per_page = {129};    // order-1 to order-10 free: about 129 ns a page
  costs.slow_path = {2780};              // slow path entered and served at once
  costs.context_switch = {4150};         // context switch incl. wakeup
  costs.writeback_per_page = {3500};     // background writeback: select + submit, per page
  costs.zone_examined = costs.zone_skipped = costs.remote_zone_full = {0};  // in the allocation's
  costs.page_fault = {kFirstTouch - kAllocHit - kClearPage};
  costs.reclaim_zone = {2000 + kRecord};  // shrink_zone that scans nothing: 1,650 to 2,600
  costs.reclaim_per_page = {5000 - 701};  // reclaim per clean page, less the free that is in it
  costs.scan_per_page = {500};            // no row of its own
  costs.lru_per_page = {0};               // in the rows of faults, writes and reclaim
  costs.unmap_per_page = {283};           // unmap + free 984, less the free
  costs.migrate_page = {6900};            // 17 us a page moved, less its allocation, copy and free
  costs.submit_io = {3500};              // no row of its own: as a page of background writeback
  costs.page_cache_io = {kWriteNewPage - kAllocHit - kClearPage};  // its copy is paid as a clearing
  return costs;
}

MemoryBusConfig recorded_memory_bus() {
  constexpr std::int64_t kFast = 1'000'000'000'000;
  MemoryBusConfig bus;
  bus.port_bytes_per_second = static_cast<std::int64_t>(kPageBytes) * kRecordedCpuHz / kClearPage;
  bus.controller_bytes_per_second = bus.link_bytes_per_second = kFast;
  bus.local_latency = bus.hop_latency = SimDuration{0};
  return bus;
}

}  // namespace numasim::validation
