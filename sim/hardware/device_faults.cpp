#include "sim/hardware/device_faults.hpp"

#include <algorithm>

namespace numasim {
namespace {

SimTime end_of(const DiskFault& fault) {
  return fault.until ? SimTime{*fault.until} : SimTime::max();
}

bool holds(const DiskFault& fault, DiskFault::Kind kind, SimTime date) {
  return fault.kind == kind && SimTime{fault.from} <= date && date < end_of(fault);
}

}  // namespace

int DeviceFaults::slowdown(SimTime date) const {
  int factor = 1;
  for (const DiskFault& fault : faults_)
    if (holds(fault, DiskFault::Kind::slow, date)) factor = std::max(factor, fault.factor);
  return factor;
}

/// Faults may follow on one another without a gap, in any order of the list.
std::optional<SimTime> DeviceFaults::stuck_until(SimTime date) const {
  SimTime until = date;
  for (bool longer = true; longer;) {
    longer = false;
    for (const DiskFault& fault : faults_) {
      if (!holds(fault, DiskFault::Kind::stuck, until)) continue;
      until = end_of(fault);
      longer = true;
    }
  }
  if (until == date) return std::nullopt;
  return until;
}

bool DeviceFaults::writes_fail(SimTime date) const {
  return std::ranges::any_of(faults_, [date](const DiskFault& fault) {
    return holds(fault, DiskFault::Kind::failing_writes, date);
  });
}

}  // namespace numasim
