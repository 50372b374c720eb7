#pragma once
// What is read off the machine at each sampling date, and what its devices add up to at the end.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "allocator/observer.hpp"
#include "allocator/task.hpp"
#include "allocator/units.hpp"

namespace numasim::results {

/// A zone at one date: one row of series.csv and one of orders.csv.
struct ZoneSample {
  ZoneId zone{};
  PageCount free{};      // in the buddy lists (NR_FREE_PAGES); pageset pages are not in it
  PageCount active{};    // on the active list
  PageCount inactive{};  // on the inactive list
  PageCount anon{};      // mapped anonymous pages
  PageCount file{};      // page cache
  PageCount dirty{};
  PageCount writeback{};
  PageCount pageset{};        // on the per-CPU lists of all CPUs
  PageCount unfolded_free{};  // changes of `free` that CPUs have not told yet
  std::array<std::int64_t, kMaxOrder> free_blocks{};  // on the buddy lists, by order
};

/// A device's queue at one date: one row of devices.csv.
struct DeviceSample {
  DeviceId device{};
  int read_requests = 0;  // allocated from the queue, dispatched ones included
  int write_requests = 0;
  int in_flight = 0;  // dispatched to the medium
  bool congested_read = false;
  bool congested_write = false;
};

/// Requests for pages answered up to one date: one row of requests.csv.
struct RequestSample {
  std::array<std::int64_t, kMaxOrder> served_by_order{};
  std::int64_t failed = 0;
};

/// A cpuset at one date: one row of cpusets.csv.
struct CpusetSample {
  std::string name;
  std::int64_t memory_pressure = 0;  // direct reclaims per 1000 s, as the kernel averages them
};

/// A device's work over the whole run.
struct DeviceTotals {
  DeviceId device{};
  std::int64_t read_requests = 0;   // completed
  std::int64_t write_requests = 0;  // completed
  Bytes read{};
  Bytes written{};
  SimDuration busy{0};  // time with at least one request on the medium
  std::int64_t failed_writes = 0;  // of write_requests, with an error
};

/// All sleeps of a task in one wait queue, one row of waits.csv; or its waits for one spinlock.
struct WaitTotal {
  std::string queue;
  std::int64_t sleeps = 0;
  SimDuration total{0};
};

/// Where the time of a task, or of a daemon, went: one row of tasks.csv. From `begin` to `end` it
/// is the sum of its parts, the waits included.
struct TaskRow {
  TaskId id;
  std::string name;
  bool daemon = false;
  CpuId cpu{};  // where it ran last
  SimTime begin{};
  SimTime end{};       // of the task, or of the run if that came first
  std::string ending;  // exited, killed, fault_failed, still_there
  SimDuration running{0};
  SimDuration memory{0};
  SimDuration spinning{0};
  SimDuration runnable{0};
  SimDuration sleeping{0};
  std::vector<WaitTotal> waits;
  std::vector<WaitTotal> lock_waits{};  // parts of `spinning`
};

}  // namespace numasim::results
