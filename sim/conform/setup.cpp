// Family "setup": a machine layout, and what the kernel makes of it at boot.

#include "allocator/memory.hpp"
#include "sim/conform/families.hpp"
#include "sim/conform/recorded_machine.hpp"
#include "sim/conform/snapshot.hpp"

namespace numasim::conform {
namespace {

Json populated_zone(const Memory& memory, const Zone& zone, Shape shape) {
  const Pageset& pageset = zone.pagesets.front();
  Json described{{"pcp",
                  {{"hot_high", pageset.hot.size.high},
                   {"hot_batch", pageset.hot.size.batch},
                   {"cold_high", pageset.cold.size.high},
                   {"cold_batch", pageset.cold.size.batch}}},
                 {"stat_threshold", zone.counters.threshold()},
                 {"min_unmapped_pages", zone.min_unmapped.value},
                 {"min_slab_pages", zone.min_slab.value},
                 {"free_pages", zone.free_pages().value},
                 {"free_lists_hash", free_lists_hash(zone, shape)},
                 {"free_blocks", free_blocks(zone, shape)}};
  if (shape.has_pageblocks()) {
    described["pageblocks"] = pageblock_counts(memory, zone);
    described["pageblock_hash"] = pageblock_hash(memory, zone);
  }
  return described;
}

Json zone_after_boot(const Memory& memory, const Zone& zone, Shape shape) {
  Json reserve = Json::array();
  for (unsigned type = 0; type < shape.zone_types; ++type)
    reserve.push_back(zone.lowmem_reserve[type].value);
  const bool empty = zone.spanned().value == 0;
  Json described{{"node", zone.id().node.value},
                 {"zone", index(zone.id().type)},
                 {"start_pfn", empty ? 0 : zone.start().value},
                 {"spanned", zone.spanned().value},
                 {"present", zone.present().value},
                 {"min", zone.marks.min.value},
                 {"low", zone.marks.low.value},
                 {"high", zone.marks.high.value},
                 {"lowmem_reserve", reserve}};
  if (zone.populated()) described.update(populated_zone(memory, zone, shape));
  return described;
}

Json zonelist_of(const Zonelist& list) {
  Json zones = Json::array();
  for (const Zone* zone : list.zones)
    zones.push_back({zone->id().node.value, index(zone->id().type)});
  return zones;
}

Json zonelists_of(const Node& node, Shape shape) {
  Json lists{{"fallback", Json::array()}, {"thisnode", Json::array()}};
  for (unsigned type = 0; type < shape.zone_types; ++type) {
    lists["fallback"].push_back(zonelist_of(node.zonelists.fallback[type]));
    lists["thisnode"].push_back(zonelist_of(node.zonelists.thisnode[type]));
  }
  return lists;
}

/// A ratio below 1 is stored as 1.
Json ratios_in_force(const KernelConfig& config, Shape shape) {
  Json ratios = Json::array();
  for (unsigned i = 0; i + 1 < shape.zone_types; ++i)
    ratios.push_back(std::max(1, config.lowmem_reserve_ratio[i]));
  return ratios;
}

Json state_after_boot(const Memory& memory, Shape shape) {
  const bool zone_order = memory.zonelist_order() == ZonelistOrder::zone;
  Json state{{"min_free_kbytes", memory.min_free_kbytes()},
             {"totalreserve_pages", memory.totalreserve_pages().value},
             {"vm_total_pages", memory.vm_total_pages().value},
             {"boot_freed_pages", memory.boot_freed_pages().value},
             {"mobility_grouping", memory.commons().pageblocks.grouping()},
             {"zonelist_order", zone_order ? "zone" : "node"},
             {"zone_reclaim_mode", memory.zone_reclaim_mode()},
             {"policy_zone", index(memory.policy_zone())},
             {"movable_start_pfn", Json::array()},
             {"lowmem_reserve_ratio", ratios_in_force(memory.config(), shape)},
             {"zones", Json::array()},
             {"zonelists", Json::object()}};
  for (const auto& node : memory.nodes()) {
    state["movable_start_pfn"].push_back(node->movable_start.value);
    for (unsigned type = 0; type < shape.zone_types; ++type)
      state["zones"].push_back(zone_after_boot(memory, *node->zones[type], shape));
    state["zonelists"][std::to_string(node->id.value)] = zonelists_of(*node, shape);
  }
  return state;
}

}  // namespace

void replay_setup(Recording& recording, const Json& header, Verdicts& verdicts) {
  const Era era = era_of(header);
  for_each_case(recording, header, verdicts, [&](const Json& record) {
    const RecordedMachine machine = recorded_machine(record.at("machine"), era);
    const Memory memory(machine.layout, machine.config, CostModel{});
    memory.validate();
    return first_difference(record.at("result"), state_after_boot(memory, Shape(era)));
  });
}

}  // namespace numasim::conform
