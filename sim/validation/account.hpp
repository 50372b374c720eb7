#pragma once
// What happened on a machine while a workload ran, recorded or simulated: one shape for both, so
// that every quantity is read off both in the same way.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "allocator/units.hpp"

namespace numasim::validation {

/// kswapd of a node, from its waking up to its falling asleep again.
struct KswapdTurn {
  NodeId node;
  SimTime woke{};
  SimTime slept{};
  int zone = 0;                    // code of the zone whose shortage woke it
  std::int64_t free_at_wake = 0;   // of that zone
  std::int64_t free_at_sleep = 0;  // of that zone
};

/// A direct reclaim: from try_to_free_pages to its return.
struct Reclaim {
  SimTime begin{};
  SimTime end{};
  bool progress = false;
};

/// A congestion_wait.
struct Nap {
  SimTime begin{};
  SimTime end{};
  std::int64_t timeout_jiffies = 0;
  bool timed_out = false;
};

struct Kill {
  SimTime date{};
  std::int64_t victim = 0;  // the mark of the program it ran, 2000 + 10k for hog k
};

struct DeviceWork {
  std::int64_t write_requests = 0;
  std::int64_t read_requests = 0;
  std::int64_t write_sectors = 0;
  std::int64_t read_sectors = 0;
};

/// A disk's share of all writes that ended lately, 20 ms after the one before.
struct DeviceLook {
  SimTime date{};
  std::size_t disk = 0;
  double share = 0;
};

/// A zone, 20 ms after the one before. Zones by code: node * 4 + index.
struct ZoneLook {
  SimTime date{};
  int zone = 0;
  std::int64_t free = 0, inactive = 0, active = 0, anon = 0, dirty = 0, writeback = 0, file = 0;
};

/// Pages by node.
using ByNode = std::map<int, std::int64_t>;

/// The numa_ counters of all nodes at one point (sysfs numastat), by node and name.
using NumaCounters = std::map<int, std::map<std::string, std::int64_t>>;

/// A request of the recorder's own, one that may have to reclaim or wait.
struct SlowRequest {
  std::uint32_t gfp = 0;
  int order = 0;
  bool memalloc = false;
  bool served = false;
  std::int64_t rounds = 0;      // direct reclaims
  std::int64_t long_naps = 0;   // congestion waits of 100 ms
  std::int64_t short_naps = 0;  // of 20 ms
};

struct Account {
  std::map<std::string, std::int64_t> vmstat;  // changes of /proc/vmstat counters, by name
  std::map<int, std::int64_t> allocated;       // requests served, by zone code
  std::map<int, std::int64_t> zone_pages;      // present, by zone code
  std::vector<KswapdTurn> kswapd_turns;
  std::vector<Reclaim> reclaims;
  std::vector<Nap> naps;
  std::vector<std::int64_t> out_of_memory;  // constraint of each call: 0 none, 1 cpuset, 2 policy
  std::vector<Kill> kills;
  std::int64_t congested = 0;  // times a queue became congested for writes
  std::vector<DeviceWork> devices;
  std::vector<ZoneLook> looks;
  std::vector<DeviceLook> device_looks;
  std::vector<ByNode> touched;  // pages of the touched memory, each time they were shown
  std::map<std::string, NumaCounters> numa;  // by point: "begin", "hold", "end"
  std::vector<SlowRequest> slow_requests;
  std::vector<std::int64_t> memory_pressure;  // each reading of a cpuset's meter
  std::int64_t hook_served = 0;               // requests of the recorder's own
  std::int64_t hook_failed = 0;
  std::vector<bool> hook_answers;         // of each of them, in order: true, it was served
  std::int64_t slow_path = 0;             // requests that the first pass did not serve
  std::map<std::int64_t, SimTime> marks;  // date of the first mark of each number
};

}  // namespace numasim::validation
