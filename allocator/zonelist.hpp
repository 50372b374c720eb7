#pragma once
// Zonelists: the zones a request may be served from, best first (build_all_zonelists of 2.6.24).

#include <bitset>
#include <vector>

#include "allocator/config.hpp"
#include "allocator/zone.hpp"

namespace numasim {

/// Remembers for up to a second which zones of a list were full (struct zonelist_cache).
struct ZonelistCache {
  std::bitset<kMaxNodes * kZoneTypes> full;
  Jiffies last_full_zap{0};
};

struct Zonelist {
  std::vector<Zone*> zones;
  std::optional<ZonelistCache> cache;  // THISNODE and bind lists have none

  bool empty() const { return zones.empty(); }
  /// The first zone: its index is the request's class, its node the intended one.
  const Zone& first() const { return *zones.front(); }
  unsigned classzone() const { return index(first().id().type); }
};

/// Zonelists of one node: with fallback, and for __GFP_THISNODE, by gfp_zone.
struct NodeZonelists {
  std::array<Zonelist, kZoneTypes> fallback;
  std::array<Zonelist, kZoneTypes> thisnode;
};

/// What the order of zonelists depends on.
struct ZonelistPlan {
  const MachineLayout& layout;
  const KernelConfig& config;
  const EraSwitches& switches;
  /// Zones of a node by type; populated or not.
  std::vector<std::array<Zone*, kZoneTypes>> zones;
};

struct BuiltZonelists {
  std::vector<NodeZonelists> nodes;
  ZonelistOrder order = ZonelistOrder::node;  // the one used: node or zone
  bool distant = false;  // some node is further than RECLAIM_DISTANCE: zone_reclaim_mode goes on
};

/// Builds every node's lists (build_zonelists of all nodes, in ascending id).
BuiltZonelists build_all_zonelists(const ZonelistPlan& plan);

}  // namespace numasim
