#include "sim/conform/machine/recorded_kernel.hpp"

#include <algorithm>

#include "sim/conform/snapshot.hpp"
#include "sim/run/machine_state.hpp"
#include "workloads/input_error.hpp"
#include "workloads/kernel2624/counter_pass.hpp"
#include "workloads/state_file.hpp"
#include "workloads/tsv_rows.hpp"

namespace numasim::conform {
namespace {

/// Memory that leaves exactly `present` pages in a zone of that span: a hole near its end stands
/// for whatever else was taken from it at boot.
void add_ranges(const ZoneState& zone, int struct_page_bytes, std::vector<PfnRange>& ranges) {
  const std::int64_t memory_map = zone.spanned.value * struct_page_bytes >> kPageShift;
  const Pfn end = zone.start + zone.spanned;
  const PageCount ram{std::min(zone.present.value + memory_map, zone.spanned.value)};
  if (ram == zone.spanned) {
    ranges.push_back({zone.start, end});
    return;
  }
  ranges.push_back({zone.start, zone.start + ram - PageCount{1}});
  ranges.push_back({end - PageCount{1}, end});
}

/// A console speaks of nodes 0, 1, 2, ... and of the distances between all of them.
void check_layout(const MachineLayout& layout) {
  const std::size_t nodes = layout.nodes.size();
  bool fits = nodes > 0 && layout.distance.size() == nodes;
  for (std::size_t i = 0; fits && i < nodes; ++i)
    fits = layout.nodes[i].id.value == i && layout.distance[i].size() == nodes;
  if (!fits)
    throw InputError(Problem{.file = "console.txt.gz",
                             .expected = "nodes 0, 1, 2, ... and a distance for each two of them",
                             .found = std::to_string(nodes) + " nodes"});
}

Json zonelists_of(const Memory& memory) {
  Json lists = Json::object();
  for (const auto& node : memory.nodes()) {
    for (unsigned list = 0; list < 2 * kZoneTypes; ++list) {
      const Zonelist& zones = list < kZoneTypes ? node->zonelists.fallback[list]
                                                : node->zonelists.thisnode[list - kZoneTypes];
      const std::string name =
          "node " + std::to_string(node->id.value) + " list " + std::to_string(list);
      for (const Zone* zone : zones.zones)
        lists[name].push_back({zone->id().node.value, index(zone->id().type)});
    }
  }
  return lists;
}

Json recorded_zonelists(const std::filesystem::path& dump) {
  Json lists = Json::object();
  TsvRows rows(dump);
  while (rows.next()) {
    if (rows.text(1) != "DZL" || rows.number(2) < 0) continue;
    const std::string name =
        "node " + std::to_string(rows.number(2)) + " list " + std::to_string(rows.number(3));
    const std::int64_t zone = rows.number(5);
    lists[name].push_back({zone / kZoneTypes, zone % kZoneTypes});
  }
  return lists;
}

/// What of a zone is settled at boot.
Json settled_at_boot(const MachineState& state, Shape shape) {
  Json zones = Json::array();
  for (const ZoneState& zone : state.zones) {
    Json settled{{"node", zone.node.value},         {"zone", index(zone.type)},
                 {"present", zone.present.value},   {"min", zone.min.value},
                 {"low", zone.low.value},           {"high", zone.high.value},
                 {"lowmem_reserve", Json::array()}, {"pcp", Json::array()}};
    for (unsigned type = 0; type < shape.zone_types; ++type)
      settled["lowmem_reserve"].push_back(zone.lowmem_reserve[type].value);
    for (const PagesetState& pageset : zone.pagesets)
      settled["pcp"].push_back({pageset.hot.high.value, pageset.hot.batch.value,
                                pageset.cold.high.value, pageset.cold.batch.value});
    zones.push_back(settled);
  }
  return zones;
}

}  // namespace

RecordedKernel::RecordedKernel(const std::filesystem::path& folder)
    : console(kernel2624::read_console(folder / "console.txt.gz")),
      dump(kernel2624::read_dump(folder / "dump0.tsv.gz")),
      confines(read_confines(folder / "console.txt.gz")) {
  ImportReport report;
  refreshes = kernel2624::find_refreshes(dump, folder, kernel2624::CountersShown::by_all, report);
}

MachineLayout RecordedKernel::layout() const { return recorded_layout(console, dump); }
KernelConfig RecordedKernel::config() const { return recorded_config(console, dump); }

MachineLayout recorded_layout(const kernel2624::Console& console, const kernel2624::Dump& dump) {
  MachineLayout layout;
  std::uint16_t cpu = 0;
  for (const auto& [number, ranges] : console.ranges) {
    NodeLayout node;
    node.id = NodeId{static_cast<std::uint16_t>(number)};
    const auto cpus = console.cpus.find(number);
    for (int i = 0; cpus != console.cpus.end() && i < cpus->second; ++i)
      node.cpus.push_back(CpuId{cpu++});
    for (const ZoneState& zone : dump.state.zones)
      if (zone.node == node.id) add_ranges(zone, dump.struct_page_bytes, node.ranges);
    layout.reserved.insert(layout.reserved.end(), node.ranges.begin(), node.ranges.end());
    layout.nodes.push_back(std::move(node));
  }
  layout.distance = console.distance;
  if (layout.nodes.size() == 1) layout.distance = {{10}};
  check_layout(layout);
  return layout;
}

KernelConfig recorded_config(const kernel2624::Console& console, const kernel2624::Dump& dump) {
  KernelConfig config;
  if (console.kernel_version.starts_with("2.6.22")) config.era = Era::linux_2_6_22;
  config.hz = dump.hz;
  config.pageblock_order = dump.state.pageblock_order.value;
  config.struct_page_bytes = dump.struct_page_bytes;
  config.printk_ratelimit_seconds = 0;
  // Its zonelists are those of a kernel that knows of no node's CPUs yet, or of all: the order is
  // the same, where each node has some.
  config.zonelists_see_all_cpus = true;
  const std::string order = kernel2624::boot_option(console, "numa_zonelist_order");
  if (order.starts_with('z') || order.starts_with('Z'))
    config.numa_zonelist_order = ZonelistOrder::zone;
  if (order.starts_with('n') || order.starts_with('N'))
    config.numa_zonelist_order = ZonelistOrder::node;
  return config;
}

std::optional<Difference> compare_boot(const std::filesystem::path& folder,
                                       const RecordedKernel& kernel, const Memory& memory) {
  const Shape shape(memory.config().era);
  if (auto difference = first_difference(settled_at_boot(kernel.dump.state, shape),
                                         settled_at_boot(take_state(memory), shape), "boot"))
    return difference;
  return first_difference(recorded_zonelists(folder / "dump0.tsv.gz"), zonelists_of(memory),
                          "boot");
}

std::optional<Difference> compare_dump(const std::filesystem::path& file, const Memory& memory) {
  MachineState recorded = kernel2624::read_dump(file).state;
  MachineState actual = take_state(memory);
  for (MachineState* state : {&recorded, &actual}) {
    state->description.clear();
    for (ZoneState& zone : state->zones) {
      zone.free = {};  // lags by what the CPUs hold back, which no dump shows
      for (PagesetState& pageset : zone.pagesets) {
        pageset.pending_free = {};
        pageset.expire = 0;
      }
    }
  }
  return first_difference(Json::parse(to_json(recorded)), Json::parse(to_json(actual)),
                          file.filename().string() + ' ');
}

}  // namespace numasim::conform
