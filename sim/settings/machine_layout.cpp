#include "sim/settings/machine_layout.hpp"

#include <algorithm>

namespace numasim {
namespace {

PfnRange to_pfns(const MemoryRange& range) {
  return {Pfn{range.begin.value / kPageBytes}, Pfn{range.end.value / kPageBytes}};
}

constexpr int kLocalDistance = 10, kRemoteDistance = 20;  // LOCAL_DISTANCE, REMOTE_DISTANCE

std::vector<std::vector<int>> flat_distance(std::size_t nodes) {
  std::vector<std::vector<int>> distance(nodes, std::vector<int>(nodes, kRemoteDistance));
  for (std::size_t node = 0; node < nodes; ++node) distance[node][node] = kLocalDistance;
  return distance;
}

}  // namespace

std::vector<std::vector<MemoryRange>> memory_by_address(const MachineConfig& machine) {
  std::vector<std::vector<MemoryRange>> nodes;
  Bytes end_of_memory{0};
  for (const NodeConfig& node : machine.nodes) {
    std::vector<MemoryRange> ranges = node.ranges;
    if (node.memory && node.memory->value > 0)
      ranges = {{end_of_memory, Bytes{end_of_memory.value + node.memory->value}}};
    for (const MemoryRange& range : ranges) end_of_memory = std::max(end_of_memory, range.end);
    nodes.push_back(std::move(ranges));
  }
  return nodes;
}

int cpu_count(const MachineConfig& machine) {
  int cpus = 0;
  for (const NodeConfig& node : machine.nodes) cpus += node.cpus;
  return cpus;
}

MachineLayout to_layout(const MachineConfig& machine) {
  MachineLayout layout;
  const auto memory = memory_by_address(machine);
  std::uint16_t next_cpu = 0;
  for (std::size_t id = 0; id < machine.nodes.size(); ++id) {
    NodeLayout node{.id = NodeId{static_cast<std::uint16_t>(id)}, .cpus = {}, .ranges = {}};
    for (int i = 0; i < machine.nodes[id].cpus; ++i) node.cpus.push_back(CpuId{next_cpu++});
    for (const MemoryRange& range : memory[id]) node.ranges.push_back(to_pfns(range));
    layout.nodes.push_back(std::move(node));
  }
  for (const MemoryRange& range : machine.reserved) layout.reserved.push_back(to_pfns(range));
  layout.distance =
      machine.distance.empty() ? flat_distance(machine.nodes.size()) : machine.distance;
  layout.boot_cpu = CpuId{0};
  return layout;
}

}  // namespace numasim
