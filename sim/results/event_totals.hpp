#pragma once
// What the steps of a run add up to. All counts are since the start of the run: what a state file
// brought along is not in them.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "allocator/units.hpp"
#include "sim/results/histogram.hpp"

namespace numasim::results {

/// Counters of one zone. The numa_ ones count requests, not pages, as zone_statistics() of 2.6.24.
struct ZoneTotals {
  std::int64_t requests_served = 0;
  PageCount pages_served;
  PageCount pages_freed;
  std::int64_t numa_hit = 0;      // served here as the request preferred
  std::int64_t numa_miss = 0;     // served here though another node was preferred
  std::int64_t numa_foreign = 0;  // preferred here but served by another node
  std::int64_t numa_local = 0;    // served to a task on a CPU of this node
  std::int64_t numa_other = 0;    // served to a task on another node's CPU
  PageCount pages_refilled;       // moved from the buddy lists to pagesets
  PageCount pages_drained;        // moved from pagesets back to the buddy lists
  std::int64_t fallbacks = 0;     // blocks taken from another migratetype's lists
  PageCount pages_scanned;
  PageCount pages_reclaimed;
};

struct KswapdTotals {
  std::int64_t wakeups = 0;  // it slept and was woken
  std::int64_t runs = 0;
  SimDuration awake{0};
  PageCount reclaimed;
};

/// Congestion of one device in one direction.
struct CongestionTotals {
  std::int64_t intervals = 0;
  SimDuration congested{0};
};

struct OomKillRecord {
  SimTime date;
  TaskId victim;
  std::string victim_name;
  std::string killer_name;  // the task whose request could not be met
  std::uint64_t points = 0;
  std::string chosen_name;  // whose points they are: the victim, or its parent
};

/// Requests served to tasks on CPUs of one node from the memory of one node.
struct PlacementTotals {
  std::int64_t requests = 0;
  PageCount pages;
};

struct EventTotals {
  std::vector<ZoneTotals> zones;                            // as MachineOutline::zones
  std::vector<KswapdTotals> kswapd;                         // by node id
  std::vector<std::array<CongestionTotals, 2>> congestion;  // as MachineOutline::devices
  std::vector<std::vector<PlacementTotals>> placement;      // by node of the CPU, of the memory

  std::int64_t requests = 0;  // = first pass + later pass + failed + unfinished
  std::int64_t served_in_first_pass = 0;
  std::int64_t served_in_later_pass = 0;
  std::int64_t failed = 0;
  std::int64_t failure_warnings = 0;
  std::int64_t injected_failures = 0;  // before anything was tried; not in requests
  std::int64_t unfinished = 0;
  std::array<std::int64_t, kMaxOrder> served_by_order{};

  PageCount direct_reclaimed;
  std::int64_t direct_reclaims_without_progress = 0;
  std::int64_t drains_of_all_pagesets = 0;
  std::int64_t congestion_waits_woken = 0;
  std::int64_t congestion_waits_timed_out = 0;
  std::int64_t oom_locks_lost = 0;
  std::int64_t out_of_memory = 0;
  std::int64_t zone_reclaims = 0;
  std::int64_t pdflush_wakeups = 0;
  std::int64_t pages_put_to_writing = 0;
  PageCount pages_lost;  // by writes that failed
  std::vector<OomKillRecord> oom_kills;

  /// From a request's first pass to its answer, by order; all requests.
  std::array<Histogram, kMaxOrder> request_wait_by_order_ns;
  Histogram direct_reclaim_ns;   // congestion waits inside it included
  Histogram congestion_wait_ns;  // of tasks and daemons
  Histogram oom_wait_ns;

  Histogram request_wait_ns() const {
    Histogram all;
    for (const Histogram& of_order : request_wait_by_order_ns) all.add(of_order);
    return all;
  }
};

}  // namespace numasim::results
