#pragma once
// What is read off the machine at each sampling date, and what its devices add up to at the end.

#include <cstdint>

#include "allocator/observer.hpp"
#include "allocator/units.hpp"

namespace numasim::results {

/// A zone at one date: one row of series.csv.
struct ZoneSample {
  ZoneId zone{};
  PageCount free{};      // in the buddy lists (NR_FREE_PAGES); pageset pages are not in it
  PageCount active{};    // on the active list
  PageCount inactive{};  // on the inactive list
  PageCount anon{};      // mapped anonymous pages
  PageCount file{};      // page cache
  PageCount dirty{};
  PageCount writeback{};
  PageCount pageset{};  // on the per-CPU lists of all CPUs
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

/// A device's work over the whole run.
struct DeviceTotals {
  DeviceId device{};
  std::int64_t read_requests = 0;   // completed
  std::int64_t write_requests = 0;  // completed
  Bytes read{};
  Bytes written{};
  SimDuration busy{0};  // time with at least one request on the medium
};

}  // namespace numasim::results
