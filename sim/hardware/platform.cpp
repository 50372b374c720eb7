#include "sim/hardware/platform.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "sim/engine/sg_compat.hpp"
#include "sim/hardware/medium.hpp"

namespace numasim {
namespace {

namespace sg4 = simgrid::s4u;
namespace compat = engine::sg_compat;

/// What is to be called when each of `parts` has ended, so that `done` is at the last.
Platform::Done after(std::size_t parts, Platform::Done done) {
  if (parts == 1) return done;
  return [left = std::make_shared<std::size_t>(parts), done = std::move(done)] {
    if (--*left == 0) done();
  };
}

}  // namespace

Platform::Platform(engine::SimGridDriver& driver, const MachineConfig& config)
    : driver_(driver), interconnect_(config), dma_(config.memory_bus.dma) {
  zone_ = compat::create_full_zone(driver_.engine(), "machine");
  add_nodes(config);
  add_links();
  add_disks(config);
  find_paths(config);
  if (config.memory_bus.in_flight.value > 0) add_bounds_of_flight();
  has_routes_.assign(cpus(), std::vector<char>(nodes(), 0));
  device_has_routes_.assign(media_.size(), std::vector<char>(nodes(), 0));
  zone_->seal();  // seals the links too: one sealed twice breaks SimGrid's tracing
}

void Platform::add_nodes(const MachineConfig& config) {
  const MemoryBusConfig& bus = config.memory_bus;
  for (const NodeConfig& node : config.nodes) {
    const std::string name = std::to_string(controllers_.size());
    const NodeId id{static_cast<std::uint16_t>(controllers_.size())};
    hz_.push_back(node.cpu_hz.value_or(config.cpu_hz));
    controller_speed_.push_back(
        node.controller_bytes_per_second.value_or(bus.controller_bytes_per_second));
    controllers_.push_back(compat::create_host(*zone_, "mc" + name, 1.0));
    controller_links_.push_back(compat::create_link(
        *zone_, "mcl" + name, static_cast<double>(controller_speed_.back())));
    for (int i = 0; i < node.cpus; ++i) {
      const std::string cpu = std::to_string(cpu_hosts_.size());
      const auto hz = static_cast<double>(hz_.back());
      cpu_hosts_.push_back(compat::create_host(*zone_, "cpu" + cpu, hz));
      ports_.push_back(compat::create_link(*zone_, "port" + cpu,
                                           static_cast<double>(bus.port_bytes_per_second)));
      node_of_.push_back(id);
    }
  }
}

void Platform::add_links() {
  for (const BusLink& link : interconnect_.links()) {
    between_.push_back(compat::create_link(
        *zone_, "ic" + std::to_string(link.from) + "_" + std::to_string(link.to),
        static_cast<double>(link.bytes_per_second)));
  }
}

void Platform::add_disks(const MachineConfig& config) {
  for (const DiskConfig& disk : config.disks) {
    const auto rate = static_cast<double>(rate_of(disk));
    media_.push_back({compat::create_host(*zone_, disk.name, rate),
                      compat::create_link(*zone_, "dma_" + disk.name, 2 * rate),
                      NodeId{static_cast<std::uint16_t>(disk.node)}});
  }
}

void Platform::find_paths(const MachineConfig& config) {
  paths_.assign(nodes(), std::vector<MemoryPath>(nodes()));
  for (std::uint16_t home = 0; home < nodes(); ++home) {
    for (std::uint16_t node = 0; node < nodes(); ++node)
      paths_[home][node] = find_path(config, NodeId{home}, NodeId{node});
  }
}

MemoryPath Platform::find_path(const MachineConfig& config, NodeId home, NodeId node) const {
  const MemoryBusConfig& bus = config.memory_bus;
  MemoryPath path{
      .bytes_per_second = std::min(bus.port_bytes_per_second, controller_speed_[node.value]),
      .latency = config.nodes[node.value].memory_latency.value_or(bus.local_latency)};
  if (home != node) {
    path.bytes_per_second =
        std::min({path.bytes_per_second, interconnect_.bytes_per_second(home, node),
                  interconnect_.bytes_per_second(node, home)});
    path.latency += interconnect_.latency(home, node);
  }
  if (bus.in_flight.value > 0 && path.latency.count() > 0) {
    const auto bound = static_cast<std::int64_t>(bus.in_flight.value * 1'000'000'000) /
                       path.latency.count();
    path.bytes_per_second = std::clamp<std::int64_t>(bound, 1, path.bytes_per_second);
  }
  return path;
}

// Each of the CPUs' flows by itself goes no faster than its path: a link that nobody shares.
void Platform::add_bounds_of_flight() {
  for (unsigned home = 0; home < nodes(); ++home) {
    for (unsigned node = 0; node < nodes(); ++node) {
      sg4::Link* bound = compat::create_link(
          *zone_, "flight" + std::to_string(home) + "_" + std::to_string(node),
          static_cast<double>(paths_[home][node].bytes_per_second));
      bound->set_sharing_policy(sg4::Link::SharingPolicy::FATPIPE);
      bounds_of_flight_.push_back(bound);
    }
  }
}

// A thousand CPUs and 64 nodes have 65,000 ways, of which a run uses a few: made on first use.
void Platform::ensure_routes(CpuId cpu, NodeId node) {
  if (has_routes_[cpu.value][node.value]) return;
  has_routes_[cpu.value][node.value] = 1;
  const NodeId home = node_of(cpu);
  sg4::Link* bound =
      bounds_of_flight_.empty() ? nullptr : bounds_of_flight_[home.value * nodes() + node.value];
  add_routes({cpu_hosts_[cpu.value], ports_[cpu.value], home, bound}, node);
}

void Platform::ensure_routes(DeviceId device, NodeId node) {
  if (device_has_routes_[device.value][node.value]) return;
  device_has_routes_[device.value][node.value] = 1;
  add_routes(media_[device.value], node);
}

void Platform::add_routes(const Way& way, NodeId node) {
  std::vector<sg4::LinkInRoute> there{sg4::LinkInRoute(way.port)};
  for (const auto link : interconnect_.route(way.home, node)) there.emplace_back(between_[link]);
  there.emplace_back(controller_links_[node.value]);
  std::vector<sg4::LinkInRoute> back{sg4::LinkInRoute(controller_links_[node.value])};
  for (const auto link : interconnect_.route(node, way.home)) back.emplace_back(between_[link]);
  back.emplace_back(way.port);
  if (way.bound) {
    there.emplace_back(way.bound);
    back.emplace_back(way.bound);
  }
  compat::add_route(*zone_, way.host, controllers_[node.value], there);
  compat::add_route(*zone_, controllers_[node.value], way.host, back);
}

void Platform::start_flow(CpuId cpu, NodeId node, Flow direction, Bytes length, Done done) {
  ensure_routes(cpu, node);
  sg4::Host* from = cpu_hosts_[cpu.value];
  sg4::Host* to = controllers_[node.value];
  if (direction == Flow::from_memory) std::swap(from, to);
  driver_.start_flow(from, to, length.value, std::move(done));
}

void Platform::start_transfer(DeviceId device, double work, const std::vector<Dma>& dma,
                              Done done) {
  const Done part_done = after(2, std::move(done));
  driver_.start_work(media_[device.value].host, work, part_done);
  start_dma(device, dma, part_done);
}

void Platform::start_dma(DeviceId device, const std::vector<Dma>& dma, const Done& done) {
  if (!dma_ || dma.empty()) return done();
  sg4::Host* medium = media_[device.value].host;
  const Done part_done = after(dma.size(), done);
  for (const Dma& part : dma) {
    ensure_routes(device, part.node);
    sg4::Host* memory = controllers_[part.node.value];
    const bool in = part.direction == Flow::to_memory;
    driver_.start_flow(in ? medium : memory, in ? memory : medium, part.length.value, part_done);
  }
}

}  // namespace numasim
