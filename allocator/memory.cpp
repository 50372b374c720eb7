#include "allocator/memory.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {

bool Node::has_memory() const {
  return std::ranges::any_of(zones, [](const auto& zone) { return zone->populated(); });
}

bool Memory::node_has_cpus(NodeId id) const {
  return std::ranges::find(node_of_cpu_, id) != node_of_cpu_.end();
}

Zone& Memory::search_zone_of(Pfn pfn) const {
  for (Zone* zone : populated_)
    if (zone->contains(pfn)) return *zone;
  MM_CHECK(false, "no zone holds pfn", pfn.value);
  return *populated_.front();
}

void Memory::map_zones() {
  constexpr std::uint64_t kBlock = std::uint64_t{1} << kZoneMapShift;
  zone_of_block_.assign((commons_.frames.end().value >> kZoneMapShift) + 1, kUnmapped);
  for (std::size_t z = 0; z < populated_.size(); ++z) {
    const Zone& zone = *populated_[z];
    for (std::uint64_t block = zone.start().value / kBlock; block * kBlock < zone.end().value;
         ++block) {
      const bool whole = zone.contains(Pfn{block * kBlock}) &&
                         zone.contains(Pfn{block * kBlock + kBlock - 1});
      if (whole) zone_of_block_[block] = static_cast<std::uint16_t>(z);
    }
  }
}

void Memory::free_pages(const OnCpu& on, Pfn pfn, Order order, bool cold) {
  const Frame& frame = commons_.frames[pfn];
  MM_CHECK(frame.state() == FrameState::in_use && frame.order() == order, "pfn", pfn.value,
           "state", static_cast<int>(frame.state()), "order", int{order.value});
  Zone& zone = zone_of(pfn);
  commons_.events.pgfree += order.pages().value;
  if (order.value == 0) [[likely]] zone.free_to_pageset(on, pfn, cold);
  else zone.free_block(on, pfn, order);
  if (commons_.steps.heard()) [[unlikely]]
    commons_.steps.tell(on.task, event::Freed{order, pfn, zone.id(), cold});
}

void Memory::drain(const OnCpu& on) {
  for (Zone* zone : populated_) zone->drain(on);
}

void Memory::drain_all(Task& task) {
  drain(OnCpu{task});
  for (std::uint16_t cpu = 0; cpu < cpus(); ++cpu)
    if (CpuId{cpu} != task.cpu) drain(OnCpu{task, CpuId{cpu}});
  const CostModel& costs = commons_.costs;
  task.meter.add({costs.drain_base.value + costs.drain_per_cpu.value * cpus()});
  commons_.steps.tell(task, event::DrainAll{});
}

void Memory::refresh_counters(const OnCpu& on) {
  for (Zone* zone : populated_) zone->refresh_counters(on, node_of_cpu(on.cpu));
}

void Memory::fold_counters(const OnCpu& on) {
  for (Zone* zone : populated_) zone->counters.fold_all(zone->pagesets[on.cpu.value].deltas);
}

PageCount Memory::totalreserve_pages() const {
  PageCount sum{0};
  for (const Zone* zone : populated_) {
    const PageCount reserve = *std::ranges::max_element(zone->lowmem_reserve);
    sum += std::min(zone->present(), zone->marks.high + reserve);
  }
  return sum;
}

ZoneType Memory::policy_zone() const {
  ZoneType highest = ZoneType::dma;
  for (const Zone* zone : populated_)
    if (zone->id().type != ZoneType::movable) highest = std::max(highest, zone->id().type);
  return highest;
}

std::int64_t Memory::global(ZoneStat item) const {
  return std::max<std::int64_t>(0, commons_.stats[index(item)]);
}

}  // namespace numasim
