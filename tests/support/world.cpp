#include "tests/support/world.hpp"

#include "allocator/check.hpp"

namespace numasim {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string name_of(ZoneId zone) {
  return std::to_string(zone.node.value) + ' ' + std::string(to_string(zone.type));
}

std::string pass_text(const event::PassBegin& pass) {
  std::string text = "try ";
  if (pass.alloc_flags & ALLOC_NO_WATERMARKS)
    text += "all";
  else if (pass.alloc_flags & ALLOC_WMARK_MIN)
    text += "min";
  else if (pass.alloc_flags & ALLOC_WMARK_LOW)
    text += "low";
  else
    text += "high";
  if (pass.alloc_flags & ALLOC_HARDER) text += " harder";
  if (pass.alloc_flags & ALLOC_HIGH) text += " high";
  if (pass.alloc_flags & ALLOC_CPUSET) text += " cpuset";
  if (pass.gfp.has(__GFP_HARDWALL)) text += " hardwall";
  return text;
}

}  // namespace

void StoryTeller::on(const Task&, const Event& event) {
  const auto note = [this](std::string text) { story_.push_back(std::move(text)); };
  std::visit(Overloaded{
                 [&](const event::PassBegin& e) { note(pass_text(e)); },
                 [&](const event::PassEnd& e) {
                   if (e.found) note("got node " + name_of(e.zone));
                 },
                 [&](const event::ZoneReclaim& e) { note("zone_reclaim " + name_of(e.zone)); },
                 [&](const event::KswapdWake& e) { note("wake kswapd " + name_of(e.zone)); },
                 [&](const event::CongestionWaitBegin&) { note("congestion_wait"); },
                 [&](const event::DrainAll&) { note("drain all"); },
                 [&](const event::OomLockLost&) { note("oom lock lost"); },
                 [&](const event::OutOfMemory&) { note("oom"); },
                 [&](const event::AllocFailed& e) { note(e.warned ? "failed, warned" : "failed"); },
                 [](const auto&) {},
             },
             event);
}

MachineLayout small_layout(unsigned nodes, std::uint64_t mib) {
  const std::uint64_t pages = mib << (20 - kPageShift);
  MachineLayout layout;
  for (std::uint16_t n = 0; n < nodes; ++n) {
    layout.nodes.push_back({NodeId{n}, {CpuId{n}}, {{Pfn{n * pages}, Pfn{(n + 1u) * pages}}}});
    layout.distance.emplace_back(nodes, 20);
    layout.distance.back()[n] = 10;
  }
  return layout;
}

KernelConfig World::exact() {
  KernelConfig config;
  config.exact_counters = true;
  return config;
}

World::World(const MachineLayout& layout, KernelConfig config)
    : machine(config.hz),
      memory(layout, config, CostModel{}),
      congestion(machine, memory.steps()),
      allocator(memory, machine, congestion, reclaimer) {
  task.name = "task";
  memory.steps().listen(&teller_);
}

void World::leave_free(Zone& zone, PageCount free) {
  while (zone.free_pages() > free) {
    const auto page = zone.take(OnCpu{task}, Order{0}, GFP_HIGHUSER_MOVABLE);
    MM_CHECK(page.has_value(), "free", zone.free_pages().value);
    taken_.push_back(*page);
  }
  MM_CHECK(zone.free_pages() == free, "free", zone.free_pages().value, "wanted", free.value);
  task.meter.take();
  story();
}

void World::leave_free_everywhere(PageCount free) {
  for (Zone* zone : memory.zones()) leave_free(*zone, free);
}

void World::leave_all_at_min() {
  for (Zone* zone : memory.zones()) leave_free(*zone, zone->marks.min);
}

void World::give_back(Zone& zone, std::int64_t pages) {
  for (auto page = taken_.rbegin(); page != taken_.rend() && pages > 0; ++page) {
    if (!zone.contains(*page) || memory.frames()[*page].state() != FrameState::in_use) continue;
    memory.free_pages(OnCpu{task}, *page, Order{0});
    --pages;
  }
}

void World::give_back_everywhere(std::int64_t pages) {
  for (Zone* zone : memory.zones()) give_back(*zone, pages);
}

AllocResult World::alloc(Gfp gfp, Order order, NodeId node) {
  return allocator.alloc_pages(task, gfp, order, node);
}

Zone& World::zone(std::uint16_t node) {
  for (Zone* zone : memory.zones())
    if (zone->id().node.value == node) return *zone;
  MM_CHECK(false, "node without memory", node);
  return *memory.zones().front();
}

}  // namespace numasim
