// Boot: from a machine layout to zones full of free memory (mm/page_alloc.c of 2.6.24).

#include <algorithm>
#include <bit>

#include "allocator/check.hpp"
#include "allocator/memory.hpp"
#include "allocator/zone_layout.hpp"

namespace numasim {
namespace {

Pfn end_of_memory(const MachineLayout& layout) {
  Pfn end{1};
  for (const NodeLayout& node : layout.nodes)
    for (const PfnRange& range : node.ranges) end = std::max(end, range.end);
  return end;
}

NodeMask memory_nodes(const MachineLayout& layout) {
  NodeMask mask;
  for (const NodeLayout& node : layout.nodes)
    if (!node.ranges.empty()) mask.set(node.id.value);
  return mask;
}

/// Largest aligned block that begins at `at` and ends at or before `end`.
Order largest_block(Pfn at, Pfn end) {
  const int aligned = at.value == 0 ? 63 : std::countr_zero(at.value);
  const int fits = std::bit_width(end.value - at.value) - 1;
  return {static_cast<std::uint8_t>(std::min({aligned, fits, int{kTopOrder.value}}))};
}

/// All pageblocks start movable; one of which only the first frame exists keeps unmovable.
void initialise_pageblocks(Pageblocks& pageblocks, PfnRange span) {
  for (Pfn block = pageblocks.start_of(span.begin); block < span.end;
       block = block + pageblocks.pages()) {
    const Pfn last = std::min(span.end, block + pageblocks.pages());
    if (last - block > PageCount{1}) pageblocks.set_type(block, MigrateType::movable);
  }
}

}  // namespace

Memory::Memory(const MachineLayout& layout, const KernelConfig& config, const CostModel& costs)
    : commons_(config, costs, end_of_memory(layout)),
      nodes_with_memory_(memory_nodes(layout)),
      cpusets_(nodes_with_memory_),
      boot_cpu_(layout.boot_cpu) {
  create_zones(layout);
  build_zonelists(layout);
  free_boot_memory(layout);
  size_pagesets();
  min_free_kbytes_ = [&] {
    std::int64_t lowmem_pages = 0;
    for (const Zone* zone : zonelist(node_of_cpu(boot_cpu_), GFP_USER).zones)
      lowmem_pages += zone->present().value;
    return default_min_free_kbytes(lowmem_pages * 4);
  }();
  set_up_watermarks();
  set_up_lowmem_reserve();
  set_up_counter_thresholds();
  if (config.min_free_kbytes) set_min_free_kbytes(*config.min_free_kbytes);
}

void Memory::create_zones(const MachineLayout& layout) {
  std::size_t cpu_count = 0;
  for (const NodeLayout& node : layout.nodes)
    for (const CpuId cpu : node.cpus) cpu_count = std::max<std::size_t>(cpu_count, cpu.value + 1u);
  node_of_cpu_.resize(cpu_count);

  const std::vector<NodeZones> extents = lay_out_zones(layout, commons_.config);
  for (std::size_t n = 0; n < layout.nodes.size(); ++n) {
    MM_CHECK(layout.nodes[n].id.value == n, "node", layout.nodes[n].id.value);
    for (const CpuId cpu : layout.nodes[n].cpus) node_of_cpu_[cpu.value] = layout.nodes[n].id;
    auto node = std::make_unique<Node>();
    node->id = layout.nodes[n].id;
    node->movable_start = extents[n].movable_start;
    for (unsigned type = 0; type < kZoneTypes; ++type) {
      const ZoneExtent& extent = extents[n].zones[type];
      node->zones[type] =
          std::make_unique<Zone>(commons_, ZoneId{node->id, static_cast<ZoneType>(type)},
                                 extent.span, extent.present, static_cast<unsigned>(cpu_count));
      Zone& zone = *node->zones[type];
      zone.min_unmapped = {zone.present().value * commons_.config.min_unmapped_ratio / 100};
      zone.min_slab = {zone.present().value * commons_.config.min_slab_ratio / 100};
      initialise_pageblocks(commons_.pageblocks, extent.span);
      if (zone.populated()) populated_.push_back(&zone);
    }
    nodes_.push_back(std::move(node));
  }
  map_zones();
}

void Memory::build_zonelists(const MachineLayout& layout) {
  ZonelistPlan plan{layout, commons_.config, commons_.switches, {}};
  for (const auto& node : nodes_) {
    std::array<Zone*, kZoneTypes> zones;
    std::ranges::transform(node->zones, zones.begin(), [](const auto& z) { return z.get(); });
    plan.zones.push_back(zones);
  }
  BuiltZonelists built = build_all_zonelists(plan);
  for (std::size_t n = 0; n < nodes_.size(); ++n) nodes_[n]->zonelists = std::move(built.nodes[n]);
  zonelist_order_ = built.order;
  zone_reclaim_mode_ = commons_.config.zone_reclaim_mode.value_or(built.distant ? 1 : 0);

  for (const Zone* zone : zonelist(node_of_cpu(boot_cpu_), GFP_HIGHUSER_MOVABLE).zones)
    vm_total_ += zone->present();
  const bool enough = vm_total_.value >= commons_.pageblocks.pages().value * 5;
  commons_.pageblocks.set_grouping(enough && commons_.switches.mobility_lists);
}

/// The kernel frees the pages one word of the boot bitmap at a time, ascending. Since free blocks
/// go to the head of their list when they are complete, filing the merged blocks in ascending order
/// leaves the same lists without touching every frame.
void Memory::free_boot_memory(const MachineLayout& layout) {
  for (const NodeLayout& node_layout : layout.nodes) {
    const Node& node = *nodes_[node_layout.id.value];
    for (const PfnRange& run : boot_free_runs(node_layout, layout.reserved)) {
      boot_free_.push_back(run);
      for (Pfn at = run.begin; at < run.end;) {
        Zone& zone = zone_of(at);
        MM_CHECK(zone.id().node == node.id, "pfn", at.value);
        const Order order = largest_block(at, std::min(run.end, zone.end()));
        const Pfn last = at + order.pages() - PageCount{1};
        zone.buddy.file_first(at, order, commons_.pageblocks.type(last));
        zone.counters.set_folded(ZoneStat::free_pages,
                                 zone.counters.folded(ZoneStat::free_pages) + order.pages().value);
        boot_freed_ += order.pages();
        at = at + order.pages();
      }
    }
  }
  std::ranges::sort(boot_free_, {}, [](const PfnRange& r) { return r.begin; });
  commons_.events.pgfree += boot_freed_.value;
}

void Memory::size_pagesets() {
  for (Zone* zone : populated_) {
    const PagesetSizes sizes =
        pageset_sizes(zone->present(), commons_.config.percpu_pagelist_fraction);
    for (Pageset& pageset : zone->pagesets) {
      pageset.hot.size = sizes.hot;
      pageset.cold.size = sizes.cold;
    }
  }
}

void Memory::set_min_free_kbytes(std::int64_t kbytes) {
  min_free_kbytes_ = kbytes;
  set_up_watermarks();
}

void Memory::set_lowmem_reserve_ratio(const std::array<int, 3>& ratios) {
  commons_.config.lowmem_reserve_ratio = ratios;
  set_up_lowmem_reserve();
}

void Memory::set_percpu_pagelist_fraction(int fraction) {
  MM_CHECK(fraction >= 8, "fraction", fraction);
  commons_.config.percpu_pagelist_fraction = fraction;
  size_pagesets();
}

void Memory::set_min_unmapped_ratio(int percent) {
  commons_.config.min_unmapped_ratio = percent;
  for (Zone* zone : populated_) zone->min_unmapped = {zone->present().value * percent / 100};
}

void Memory::set_min_slab_ratio(int percent) {
  commons_.config.min_slab_ratio = percent;
  for (Zone* zone : populated_) zone->min_slab = {zone->present().value * percent / 100};
}

void Memory::set_up_watermarks() {
  PageCount all_present{0};
  for (const Zone* zone : populated_) all_present += zone->present();
  for (const auto& node : nodes_)
    for (const auto& zone : node->zones) {
      zone->marks = watermarks_of(zone->present(), all_present, min_free_kbytes_);
      set_up_reserve_blocks(*zone);
    }
}

/// setup_zone_migrate_reserve: the lowest usable movable pageblocks, as many as hold pages_min.
void Memory::set_up_reserve_blocks(Zone& zone) {
  Pageblocks& blocks = commons_.pageblocks;
  const std::int64_t block_pages = blocks.pages().value;
  std::int64_t wanted = (zone.marks.min.value + block_pages - 1) / block_pages;
  for (Pfn pfn = zone.start(); pfn < zone.end(); pfn = pfn + blocks.pages()) {
    if (!was_freed_at_boot(pfn)) continue;
    const MigrateType type = blocks.type(pfn);
    if (wanted > 0 && type == MigrateType::reserve) {
      --wanted;
    } else if (wanted > 0 && type == MigrateType::movable) {
      blocks.set_type(pfn, MigrateType::reserve);
      zone.buddy.move_pageblock(pfn, MigrateType::reserve);
      --wanted;
    } else if (type == MigrateType::reserve) {
      blocks.set_type(pfn, MigrateType::movable);
      zone.buddy.move_pageblock(pfn, MigrateType::movable);
    }
  }
}

void Memory::set_up_lowmem_reserve() {
  const auto& ratios = commons_.config.lowmem_reserve_ratio;
  for (const auto& node : nodes_) {
    for (unsigned own = 0; own < kZoneTypes; ++own) {
      PageCount above{0};
      for (unsigned klass = own + 1; klass < kZoneTypes; ++klass) {
        above += node->zones[klass]->present();
        const int ratio = std::max(1, ratios[own]);
        node->zones[own]->lowmem_reserve[klass] = {above.value / ratio};
      }
    }
  }
}

void Memory::set_up_counter_thresholds() {
  for (Zone* zone : populated_)
    zone->counters.set_threshold(
        commons_.config.exact_counters
            ? 0
            : stat_threshold(zone->present(), static_cast<int>(node_of_cpu_.size())));
}

bool Memory::was_freed_at_boot(Pfn pfn) const {
  const auto after = std::ranges::upper_bound(boot_free_, pfn, {},
                                              [](const PfnRange& r) { return r.begin; });
  return after != boot_free_.begin() && std::prev(after)->contains(pfn);
}

}  // namespace numasim
