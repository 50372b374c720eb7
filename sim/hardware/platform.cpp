#include "sim/hardware/platform.hpp"

#include <algorithm>
#include <string>

#include "sim/engine/sg_compat.hpp"

namespace numasim {
namespace {

namespace sg4 = simgrid::s4u;
namespace compat = engine::sg_compat;

constexpr int kLocalDistance = 10;
constexpr int kRemoteDistance = 20;

std::vector<std::vector<int>> distances(const MachineConfig& config) {
  if (!config.distance.empty()) return config.distance;
  const std::size_t nodes = config.nodes.size();
  std::vector<std::vector<int>> table(nodes, std::vector<int>(nodes, kRemoteDistance));
  for (std::size_t node = 0; node < nodes; ++node) table[node][node] = kLocalDistance;
  return table;
}

}  // namespace

Platform::Platform(engine::SimGridDriver& driver, const MachineConfig& config)
    : driver_(driver), bus_(config.memory_bus), distance_(distances(config)) {
  zone_ = compat::create_full_zone(driver_.engine(), "machine");
  add_nodes(config);
  add_disks(config);
  has_route_.assign(cpus(), std::vector<char>(nodes(), 0));
  zone_->seal();  // seals the links too: one sealed twice breaks SimGrid's tracing
}

void Platform::add_nodes(const MachineConfig& config) {
  const auto controller_speed = static_cast<double>(bus_.controller_bytes_per_second);
  for (const NodeConfig& node : config.nodes) {
    const std::string name = std::to_string(controllers_.size());
    const NodeId id{static_cast<std::uint16_t>(controllers_.size())};
    controllers_.push_back(compat::create_host(*zone_, "mc" + name, 1.0));
    controller_links_.push_back(compat::create_link(*zone_, "mcl" + name, controller_speed));
    for (int i = 0; i < node.cpus; ++i) {
      const std::string cpu = std::to_string(cpu_hosts_.size());
      const auto hz = static_cast<double>(config.cpu_hz);
      cpu_hosts_.push_back(compat::create_host(*zone_, "cpu" + cpu, hz));
      ports_.push_back(compat::create_link(*zone_, "port" + cpu,
                                           static_cast<double>(bus_.port_bytes_per_second)));
      node_of_.push_back(id);
    }
  }
  between_.assign(nodes(), std::vector<sg4::Link*>(nodes(), nullptr));
  for (unsigned from = 0; from < nodes(); ++from) {
    for (unsigned to = 0; to < nodes(); ++to) {
      if (from == to) continue;
      between_[from][to] =
          compat::create_link(*zone_, "ic" + std::to_string(from) + "_" + std::to_string(to),
                              static_cast<double>(bus_.link_bytes_per_second));
    }
  }
}

void Platform::add_disks(const MachineConfig& config) {
  for (const DiskConfig& disk : config.disks) {
    media_.push_back(compat::create_host(*zone_, disk.name,
                                         static_cast<double>(disk.bandwidth_bytes_per_second)));
  }
}

MemoryPath Platform::path(CpuId cpu, NodeId node) const {
  const NodeId home = node_of(cpu);
  MemoryPath path{std::min(bus_.port_bytes_per_second, bus_.controller_bytes_per_second),
                  bus_.local_latency};
  if (home == node) return path;
  path.bytes_per_second = std::min(path.bytes_per_second, bus_.link_bytes_per_second);
  const int beyond = std::max(0, distance_[home.value][node.value] - kLocalDistance);
  path.latency += bus_.hop_latency * beyond / 10;
  return path;
}

// A thousand CPUs and 64 nodes have 65,000 routes, of which a run uses a few: made on first use.
void Platform::ensure_route(CpuId cpu, NodeId node) {
  if (has_route_[cpu.value][node.value]) return;
  has_route_[cpu.value][node.value] = 1;
  std::vector<sg4::LinkInRoute> links{sg4::LinkInRoute(ports_[cpu.value])};
  const NodeId home = node_of(cpu);
  if (home != node) links.emplace_back(between_[home.value][node.value]);
  links.emplace_back(controller_links_[node.value]);
  compat::add_route(*zone_, cpu_hosts_[cpu.value], controllers_[node.value], links);
}

void Platform::start_flow(CpuId cpu, NodeId node, Bytes length, Done done) {
  ensure_route(cpu, node);
  driver_.start_flow(cpu_hosts_[cpu.value], controllers_[node.value], length.value,
                     std::move(done));
}

void Platform::start_transfer(DeviceId device, double work, Done done) {
  driver_.start_work(media_[device.value], work, std::move(done));
}

}  // namespace numasim
