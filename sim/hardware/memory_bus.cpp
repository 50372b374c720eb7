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
      ports_(platform.cpus()) {}

void MemoryBus::touch(SimTask& self, SimDuration work, NodeId node, Bytes length) {
  const MemoryPath path = platform_.path(self.cpu->id, node);
  if (length < chunk_) return touch_at_once(self, work, node, length, path);
  scheduler_.occupy(self, work);
  scheduler_.turn_to(self, Doing::memory);
  const SimDuration owed = std::exchange(port_of(self).owed, SimDuration{0});
  scheduler_.occupy(self, path.latency + owed);
  touch_by_flow(self, node, length);
  scheduler_.turn_to(self, Doing::running);
}

void MemoryBus::touch_by_flow(SimTask& self, NodeId node, Bytes length) {
  while (length.value > 0 && !self.unwinding()) {
    const Bytes part = std::min(length, chunk_);
    wait_for_flow(self);
    start_flow(self, node, part, SimDuration::max());
    wait_for_flow(self);
    length.value -= part.value;
    scheduler_.make_way(self);
  }
}

void MemoryBus::touch_at_once(SimTask& self, SimDuration work, NodeId node, Bytes length,
                              const MemoryPath& path) {
  Port& port = port_of(self);
  if (port.kept.empty()) port.kept.resize(platform_.nodes());
  Kept& kept = port.kept[node.value];
  kept.bytes.value += length.value;
  const SimDuration owed = std::exchange(port.owed, SimDuration{0});
  const SimDuration moving = time_at(length, path.bytes_per_second, kept.rest);
  scheduler_.occupy(self, work + owed + path.latency + moving);
  self.clock.count_as_memory(owed + path.latency + moving);
  if (kept.bytes < chunk_) return;
  scheduler_.turn_to(self, Doing::memory);
  wait_for_flow(self);
  const Bytes all = std::exchange(kept.bytes, Bytes{});
  std::int64_t no_rest = 0;
  start_flow(self, node, all, time_at(all, path.bytes_per_second, no_rest));
  scheduler_.turn_to(self, Doing::running);
}

void MemoryBus::start_flow(SimTask& self, NodeId node, Bytes length, SimDuration charged) {
  if (self.unwinding()) return;
  Port& port = port_of(self);
  port.in_flight = true;
  ++flows_;
  flow_bytes_.value += length.value;
  const SimTime began = loop_.now();
  platform_.start_flow(self.cpu->id, node, length,
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
