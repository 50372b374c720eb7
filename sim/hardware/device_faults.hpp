#pragma once
// Faults of a block device by date: when it is slow, stuck, or fails what it should write.

#include <optional>
#include <vector>

#include "allocator/units.hpp"
#include "sim/scenario.hpp"

namespace numasim {

class DeviceFaults {
 public:
  explicit DeviceFaults(std::vector<DiskFault> faults) : faults_(std::move(faults)) {}

  /// How many times as long a request takes that the device begins at this date: 1 without fault.
  int slowdown(SimTime date) const;
  /// The date from which a device that is stuck at `date` works again, SimTime::max() for never.
  std::optional<SimTime> stuck_until(SimTime date) const;
  /// True if a write that ends at this date ends with an error.
  bool writes_fail(SimTime date) const;

 private:
  std::vector<DiskFault> faults_;
};

}  // namespace numasim
