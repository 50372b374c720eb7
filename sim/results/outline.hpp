#pragma once
// What a run's machine is made of, as far as its results name it. Fixed for the whole run; the
// runner fills it in once the zones stand and their watermarks are set.

#include <array>
#include <string>
#include <vector>

#include "allocator/observer.hpp"
#include "allocator/units.hpp"

namespace numasim::results {

/// A populated zone: one row of zones.csv. Empty zones are left out.
struct ZoneOutline {
  ZoneId zone{};
  Pfn start{};
  PageCount spanned{};
  PageCount present{};
  PageCount min{};
  PageCount low{};
  PageCount high{};
  std::array<PageCount, kZoneTypes> lowmem_reserve{};  // by the zone type a request asks for
};

/// A block device's request queue. The thresholds hold for each direction by itself.
struct DeviceOutline {
  DeviceId device{};
  std::string name{};
  int nr_requests = 0;
  int congestion_on_requests = 0;   // congested when the queue reaches this many requests
  int congestion_off_requests = 0;  // no longer congested below this many
};

struct MachineOutline {
  std::vector<ZoneOutline> zones{};  // by node, then zone type
  std::vector<DeviceOutline> devices{};
  std::vector<NodeId> node_of_cpu{};  // by CPU id
};

}  // namespace numasim::results
