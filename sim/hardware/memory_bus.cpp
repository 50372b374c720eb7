#include "sim/hardware/memory_bus.hpp"

#include <algorithm>
#include <utility>

namespace numasim {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// Longer by no more than this is rounding, not contention.
constexpr SimDuration kRounding{1};

/// Time of `bytes` at a rate, rounded down; what the rounding leaves out goes to `rest`.
SimDuration time_at(Bytes bytes, std::int64_t bytes_per_second, std::int64_t& rest) {
  const auto rate = static_cast<std::uint64_t>(bytes_per_second);
  const std::uint64_t seconds = bytes.value / rate;
  const std::uint64_t part =
      (bytes.value % rate) * kNanosecondsPerSecond + static_cast<std::uint64_t>(rest);
  rest = static_cast<std::int64_t>(part % rate);
  return std::chrono::seconds{seconds} + SimDuration{static_cast<std::int64_t>(part / rate)};
}

}  // namespace

MemoryBus::MemoryBus(const MemoryBusConfig& config, engine::EventLoop& loop, Platform& platform,
                     Scheduler& scheduler)
    : chunk_(to_bytes(std::max(config.flow_chunk, PageCount{1}))),
      loop_(loop),
      platform_(platform),
      scheduler_(scheduler),
      ports_(platform.cpus()),
      load_service_(config.load_service) {
  if (config.load_latency == LoadLatency::flat) return;
  for (std::uint16_t node = 0; node < platform.nodes(); ++node)
    loads_.emplace_back(platform.controller_bytes_per_second(NodeId{node}), config.load_window);
}

SimDuration MemoryBus::latency(CpuId cpu, NodeId node, Bytes length) {
  const SimDuration unloaded = platform_.path(cpu, node).latency;
  if (loads_.empty()) [[likely]] return unloaded;
  ControllerLoad& load = loads_[node.value];
  const SimDuration wait = load.wait(loop_.now(), load_service_);
  load.book(loop_.now(), length);
  return unloaded + wait;
}

void MemoryBus::touch(SimTask& self, SimDuration work, NodeId node, Bytes length,
                      Flow direction) {
  if (platform_.node_of(self.cpu->id) == node) direction = Flow::to_memory;  // over no link
  if (length < chunk_) return touch_at_once(self, work, node, length, direction);
  scheduler_.occupy(self, work);
  scheduler_.turn_to(self, Doing::memory);
  const SimDuration owed = std::exchange(port_of(self).owed, SimDuration{0});
  scheduler_.occupy_in_time(self, latency(self.cpu->id, node, length) + owed);
  touch_by_flow(self, node, length, direction);
  scheduler_.turn_to(self, Doing::running);
}

void MemoryBus::touch_by_flow(SimTask& self, NodeId node, Bytes length, Flow direction) {
  while (length.value > 0 && !self.unwinding()) {
    const Bytes part = std::min(length, chunk_);
    wait_for_flow(self);
    start_flow(self, node, direction, part, SimDuration::max());
    wait_for_flow(self);
    length.value -= part.value;
    scheduler_.make_way(self);
  }
}

void MemoryBus::touch_at_once(SimTask& self, SimDuration work, NodeId node, Bytes length,
                              Flow direction) {
  Port& port = port_of(self);
  const std::int64_t rate = platform_.path(self.cpu->id, node).bytes_per_second;
  if (port.kept.empty()) port.kept.resize(platform_.nodes());
  Kept& kept = port.kept[node.value][static_cast<std::size_t>(direction)];
  kept.bytes.value += length.value;
  const SimDuration owed = std::exchange(port.owed, SimDuration{0});
  const SimDuration moving =
      owed + latency(self.cpu->id, node, length) + time_at(length, rate, kept.rest);
  scheduler_.occupy(self, work, moving);
  self.clock.count_as_memory(moving);
  if (kept.bytes < chunk_) return;
  scheduler_.turn_to(self, Doing::memory);
  wait_for_flow(self);
  const Bytes all = std::exchange(kept.bytes, Bytes{});
  std::int64_t no_rest = 0;
  start_flow(self, node, direction, all, time_at(all, rate, no_rest));
  scheduler_.turn_to(self, Doing::running);
}

void MemoryBus::start_flow(SimTask& self, NodeId node, Flow direction, Bytes length,
                           SimDuration charged) {
  if (self.unwinding()) return;
  Port& port = port_of(self);
  port.in_flight = true;
  ++flows_;
  flow_bytes_.value += length.value;
  const SimTime began = loop_.now();
  platform_.start_flow(self.cpu->id, node, direction, length,
                       [this, &port, began, charged] { ended(port, began, charged); });
}

void MemoryBus::ended(Port& port, SimTime began, SimDuration charged) {
  port.in_flight = false;
  const SimDuration took = loop_.now() - began;
  if (took > charged && took - charged > kRounding) port.owed += took - charged;
  if (SimTask* task = std::exchange(port.waiting, nullptr)) loop_.set(*task, loop_.now());
}

void MemoryBus::wait_for_flow(SimTask& self) {
  Port& port = port_of(self);
  if (!port.in_flight || self.unwinding()) return;
  const SimTime began = loop_.now();
  port.waiting = &self;
  scheduler_.stall();
  const SimDuration waited = loop_.now() - began;
  port.owed -= std::min(port.owed, waited);
}

}  // namespace numasim
