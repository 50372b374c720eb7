#pragma once
// The machine's shared hardware as SimGrid resources: a host for each CPU, memory controller and
// disk; a link for each CPU's memory port, each controller and each direction between two nodes.

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "allocator/units.hpp"
#include "sim/engine/simgrid_driver.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

/// Bandwidth and latency of one CPU's way to one node's memory when nobody else uses it.
struct MemoryPath {
  std::int64_t bytes_per_second = 0;  // of its narrowest part
  SimDuration latency{0};
};

/// Builds the platform and starts flows and disk transfers on it.
class Platform {
 public:
  /// Must be built before anything runs. Memory traffic has no latency on the links: each access
  /// pays it on its own CPU, where it is not shared.
  Platform(engine::SimGridDriver& driver, const MachineConfig& config);

  unsigned cpus() const { return static_cast<unsigned>(node_of_.size()); }
  unsigned nodes() const { return static_cast<unsigned>(controllers_.size()); }
  NodeId node_of(CpuId cpu) const { return node_of_[cpu.value]; }
  MemoryPath path(CpuId cpu, NodeId node) const;

  using Done = std::function<void()>;
  /// Moves bytes between a CPU and a node's memory, sharing the buses with all other flows.
  void start_flow(CpuId cpu, NodeId node, Bytes length, Done done);
  /// Keeps a disk's medium busy for `work` bytes' worth of its bandwidth.
  void start_transfer(DeviceId device, double work, Done done);

 private:
  void add_nodes(const MachineConfig& config);
  void add_disks(const MachineConfig& config);
  void ensure_route(CpuId cpu, NodeId node);

  engine::SimGridDriver& driver_;
  MemoryBusConfig bus_;
  std::vector<std::vector<int>> distance_;
  simgrid::s4u::NetZone* zone_ = nullptr;
  std::vector<NodeId> node_of_;  // by CPU
  std::vector<simgrid::s4u::Host*> cpu_hosts_;
  std::vector<simgrid::s4u::Link*> ports_;
  std::vector<simgrid::s4u::Host*> controllers_;
  std::vector<simgrid::s4u::Link*> controller_links_;
  std::vector<std::vector<simgrid::s4u::Link*>> between_;  // [from][to], null on the diagonal
  std::vector<std::vector<char>> has_route_;               // [cpu][node]
  std::vector<simgrid::s4u::Host*> media_;
};

}  // namespace numasim
