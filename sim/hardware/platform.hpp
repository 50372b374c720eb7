#pragma once
// The machine's shared hardware as SimGrid resources: a host for each CPU, memory controller and
// disk; a link for each CPU's memory port, each controller and each direction of a connection.

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "allocator/units.hpp"
#include "sim/engine/simgrid_driver.hpp"
#include "sim/hardware/interconnect.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

/// Bandwidth and latency of one CPU's way to one node's memory when nobody else uses it.
struct MemoryPath {
  std::int64_t bytes_per_second = 0;  // of its narrowest part, or of what the CPU has in flight
  SimDuration latency{0};
};

/// Which way bytes go over the links.
enum class Flow : std::uint8_t { to_memory, from_memory };

/// What a device moves to or from one node's memory.
struct Dma {
  NodeId node;
  Flow direction = Flow::to_memory;
  Bytes length;
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
  std::int64_t hz(CpuId cpu) const { return hz_[node_of(cpu).value]; }
  std::int64_t controller_bytes_per_second(NodeId node) const {
    return controller_speed_[node.value];
  }
  const MemoryPath& path(CpuId cpu, NodeId node) const {
    return paths_[node_of(cpu).value][node.value];
  }

  using Done = std::function<void()>;
  /// Moves bytes between a CPU and a node's memory, sharing the buses with all other flows.
  void start_flow(CpuId cpu, NodeId node, Flow direction, Bytes length, Done done);
  /// Keeps a disk's medium busy for `work` bytes' worth of its bandwidth, and moves its bytes over
  /// the buses meanwhile, at twice the medium's rate at most: a buffer lies between the two. Done
  /// when both are.
  void start_transfer(DeviceId device, double work, const std::vector<Dma>& dma, Done done);
  /// Moves a device's bytes over the buses alone, for a medium that keeps its own time. Done when
  /// all have arrived: at once if none go over the buses.
  void start_dma(DeviceId device, const std::vector<Dma>& dma, const Done& done);

 private:
  using Links = std::vector<simgrid::s4u::Link*>;

  void add_nodes(const MachineConfig& config);
  void add_links();
  void add_disks(const MachineConfig& config);
  void find_paths(const MachineConfig& config);
  MemoryPath find_path(const MachineConfig& config, NodeId home, NodeId node) const;
  void add_bounds_of_flight();
  void ensure_routes(CpuId cpu, NodeId node);
  void ensure_routes(DeviceId device, NodeId node);
  struct Way {
    simgrid::s4u::Host* host;
    simgrid::s4u::Link* port;
    NodeId home;
    simgrid::s4u::Link* bound = nullptr;
  };
  void add_routes(const Way& to_and_from, NodeId node);

  engine::SimGridDriver& driver_;
  Interconnect interconnect_;
  simgrid::s4u::NetZone* zone_ = nullptr;
  std::vector<NodeId> node_of_;                   // by CPU
  std::vector<std::int64_t> hz_;                  // by node
  std::vector<std::int64_t> controller_speed_;    // by node
  std::vector<std::vector<MemoryPath>> paths_;    // [CPU's node][memory's node]
  std::vector<simgrid::s4u::Host*> cpu_hosts_;
  Links ports_;
  std::vector<simgrid::s4u::Host*> controllers_;
  Links controller_links_;
  Links between_;                           // as the interconnect numbers them
  Links bounds_of_flight_;                  // [CPU's node * nodes + memory's node]; none: empty
  std::vector<std::vector<char>> has_routes_;  // [cpu][node]
  bool dma_;
  std::vector<Way> media_;
  std::vector<std::vector<char>> device_has_routes_;  // [device][node]
};

}  // namespace numasim
