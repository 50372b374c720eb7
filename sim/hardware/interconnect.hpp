#pragma once
// How the nodes of a machine are connected: its links, and the way from each node to each other.
// Plain numbers; platform makes SimGrid resources of them.

#include <cstdint>
#include <vector>

#include "allocator/units.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

/// One direction of a connection. Ends are nodes, or routers, numbered after the nodes.
struct BusLink {
  unsigned from = 0;
  unsigned to = 0;
  std::int64_t bytes_per_second = 0;
};

/// The way from one node to another: the fewest links, of equals the one through the smallest
/// number at the first step where they part. Ways are fixed for the run, as routing tables are.
///
/// Where no links are given they follow from MemoryBusConfig::routes: one between each two nodes,
/// or only between nodes at the smallest remote distance. The latter is done when the distances
/// tell of hops: all nodes can be reached, and a way of more hops has a larger distance than any
/// way of fewer. Otherwise each two nodes have a link of their own.
class Interconnect {
 public:
  /// Requires: every node can be reached over the links, if links are given.
  explicit Interconnect(const MachineConfig& config);

  using Route = std::vector<std::uint32_t>;  // indices into links(), first to last

  const std::vector<BusLink>& links() const { return links_; }
  const Route& route(NodeId from, NodeId to) const { return routes_[from.value][to.value]; }
  /// What the way adds to an access: of given links the sum of theirs, else by distance.
  SimDuration latency(NodeId from, NodeId to) const { return latency_[from.value][to.value]; }
  /// The slowest link of the way. Requires: two nodes.
  std::int64_t bytes_per_second(NodeId from, NodeId to) const;

  /// Nodes and routers that links reach from node 0.
  static std::vector<char> reached_from_first(const MachineConfig& config);

 private:
  void add_given_links(const MachineConfig& config);
  void add_links_of_neighbours(const MachineConfig& config);
  void add_direct_links(const MachineConfig& config);
  void find_routes(unsigned nodes, unsigned ends);
  bool distances_tell_of_hops() const;
  void set_latencies(const MachineConfig& config);

  std::vector<std::vector<int>> distance_;
  std::vector<BusLink> links_;
  std::vector<SimDuration> link_latency_;  // by link; none where it goes by distance
  std::vector<std::vector<Route>> routes_;
  std::vector<std::vector<SimDuration>> latency_;
};

}  // namespace numasim
