#include "sim/conform/recorded_machine.hpp"

#include <algorithm>

#include "sim/scenario.hpp"
#include "workloads/input_error.hpp"

namespace numasim::conform {
namespace {

[[noreturn]] void refuse(const std::string& pointer, const std::string& expected,
                         const Json& found) {
  throw InputError(Problem{.pointer = pointer, .expected = expected, .found = found.dump()});
}

PfnRange pfn_range(const Json& range) {
  const PfnRange read{Pfn{range.at(0).get<std::uint64_t>()}, Pfn{range.at(1).get<std::uint64_t>()}};
  if (read.end < read.begin || read.end.value > kMostMemory.value >> kPageShift)
    refuse("/machine", "[start_pfn, end_pfn]", range);
  return read;
}

/// All memory, by place: no two ranges may share a frame.
void check_ranges(const MachineLayout& layout, const Json& machine) {
  std::vector<PfnRange> ranges;
  for (const NodeLayout& node : layout.nodes)
    ranges.insert(ranges.end(), node.ranges.begin(), node.ranges.end());
  std::ranges::sort(ranges, {}, &PfnRange::begin);
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].begin < ranges[i - 1].end)
      refuse("/machine/nodes", "ranges of memory that do not overlap", machine["nodes"]);
}

NodeLayout node_layout(const Json& node, std::size_t position) {
  NodeLayout layout;
  layout.id = NodeId{node.at("id").get<std::uint16_t>()};
  if (layout.id.value != position) refuse("/machine/nodes", "node ids 0, 1, 2, ...", node["id"]);
  for (const Json& cpu : node.at("cpus")) layout.cpus.push_back(CpuId{cpu.get<std::uint16_t>()});
  for (const Json& range : node.at("ranges")) layout.ranges.push_back(pfn_range(range));
  return layout;
}

void check_layout(const MachineLayout& layout, const Json& machine) {
  std::vector<CpuId> cpus;
  for (const NodeLayout& node : layout.nodes)
    cpus.insert(cpus.end(), node.cpus.begin(), node.cpus.end());
  std::ranges::sort(cpus);
  for (std::size_t i = 0; i < cpus.size(); ++i)
    if (cpus[i].value != i) refuse("/machine/nodes", "CPU ids 0, 1, 2, ...", machine["nodes"]);
  if (layout.boot_cpu.value >= cpus.size())
    refuse("/machine/boot_cpu", "the id of a CPU", machine["boot_cpu"]);

  if (layout.nodes.empty() || layout.nodes.size() > kMaxNodes)
    refuse("/machine/nodes", "1..64 nodes", machine["nodes"].size());
  if (cpus.size() > kMostCpus) refuse("/machine/nodes", "CPUs up to 1024", cpus.size());
  check_ranges(layout, machine);

  const auto wrong_length = [&](const auto& row) { return row.size() != layout.nodes.size(); };
  if (wrong_length(layout.distance) || std::ranges::any_of(layout.distance, wrong_length))
    refuse("/machine/distance", "a row and a column for each node", machine["distance"]);
}

ZonelistOrder zonelist_order(const Json& name) {
  for (const auto& [text, order] : EnumNames<ZonelistOrder>::values)
    if (name == text) return order;
  refuse("/machine/numa_zonelist_order", "\"default\", \"node\" or \"zone\"", name);
}

KernelConfig kernel_config(const Json& machine, Era era) {
  KernelConfig config;
  config.era = era;
  config.exact_counters = machine.at("exact_counters").get<bool>();
  config.zonelists_see_all_cpus = machine.at("zonelist_build_sees_all_cpus").get<bool>();
  config.percpu_pagelist_fraction = machine.at("percpu_pagelist_fraction").get<int>();
  config.dma_reserve = {machine.at("dma_reserve").get<std::int64_t>()};
  config.printk_ratelimit_seconds = 0;  // a message is recorded where it would be tried
  if (const Json& kbytes = machine.at("set_min_free_kbytes"); !kbytes.is_null())
    config.min_free_kbytes = kbytes.get<std::int64_t>();
  if (const Json& ratios = machine.at("set_lowmem_reserve_ratio"); !ratios.is_null())
    for (std::size_t i = 0; i < ratios.size(); ++i)
      config.lowmem_reserve_ratio.at(i) = ratios[i].get<int>();
  if (!switches_of(era).movable_zone) return config;
  config.kernelcore = {machine.at("kernelcore_pages").get<std::int64_t>()};
  config.movablecore = {machine.at("movablecore_pages").get<std::int64_t>()};
  config.numa_zonelist_order = zonelist_order(machine.at("numa_zonelist_order"));
  return config;
}

}  // namespace

Era era_of(const Json& header) {
  const auto era = header.find("era");
  if (era == header.end()) return Era::linux_2_6_24;
  for (const auto& [name, value] : EnumNames<Era>::values)
    if (*era == name) return value;
  refuse("/era", "\"2.6.22\" or \"2.6.24\"", *era);
}

unsigned RecordedMachine::cpus() const {
  std::size_t count = 0;
  for (const NodeLayout& node : layout.nodes) count += node.cpus.size();
  return static_cast<unsigned>(count);
}

RecordedMachine recorded_machine(const Json& machine, Era era) {
  RecordedMachine recorded;
  MachineLayout& layout = recorded.layout;
  for (const Json& node : machine.at("nodes"))
    layout.nodes.push_back(node_layout(node, layout.nodes.size()));
  layout.distance = machine.at("distance").get<std::vector<std::vector<int>>>();
  for (const Json& range : machine.at("reserved")) layout.reserved.push_back(pfn_range(range));
  layout.boot_cpu = CpuId{machine.at("boot_cpu").get<std::uint16_t>()};
  check_layout(layout, machine);
  recorded.config = kernel_config(machine, era);
  return recorded;
}

void require(bool possible, const std::string& what) {
  if (!possible) throw std::out_of_range(what);
}

CpuId recorded_cpu(const Memory& memory, const Json& id) {
  require(id.get<std::size_t>() < memory.cpus(), "no such CPU: " + id.dump());
  return CpuId{id.get<std::uint16_t>()};
}

NodeId recorded_node(const Memory& memory, const Json& id) {
  require(id.get<std::size_t>() < memory.nodes().size(), "no such node: " + id.dump());
  return NodeId{id.get<std::uint16_t>()};
}

Order recorded_order(const Json& order) {
  require(order.get<std::size_t>() < kMaxOrder, "no such order: " + order.dump());
  return Order{order.get<std::uint8_t>()};
}

Pfn recorded_block(const Memory& memory, const Json& pfn, Order order) {
  const PfnRange block{Pfn{pfn.get<std::uint64_t>()},
                       Pfn{pfn.get<std::uint64_t>()} + order.pages()};
  const bool found = std::ranges::any_of(memory.zones(), [&](const Zone* zone) {
    return zone->contains(block.begin) && zone->contains(block.end - PageCount{1});
  });
  const auto pages = static_cast<std::uint64_t>(order.pages().value);
  require(found && block.begin.value % pages == 0, "no such block: " + pfn.dump());
  return block.begin;
}

Zone& recorded_zone(const Memory& memory, const Json& zone) {
  const NodeId node = recorded_node(memory, zone.at("node"));
  const auto type = zone.at("zone").get<std::size_t>();
  require(type < kZoneTypes, "no such zone type: " + zone.at("zone").dump());
  Zone& found = memory.node(node).zone(static_cast<ZoneType>(type));
  require(found.populated(), "zone " + std::to_string(type) + " has no memory");
  return found;
}

void restore_marks(Zone& zone, const Json& recorded) {
  const auto pages = [](const Json& count) { return PageCount{count.get<std::int64_t>()}; };
  zone.marks = {pages(recorded.at("min")), pages(recorded.at("low")), pages(recorded.at("high"))};
  require(PageCount{0} <= zone.marks.min && zone.marks.min <= zone.marks.low &&
              zone.marks.low <= zone.marks.high,
          "the marks do not ascend");
  const Json& reserve = recorded.at("lowmem_reserve");
  for (std::size_t type = 0; type < reserve.size(); ++type) {
    zone.lowmem_reserve.at(type) = pages(reserve[type]);
    require(type > index(zone.id().type) || reserve[type] == 0, "a reserve for the zone itself");
  }
}

RecordedCpusets recorded_cpusets(const Json& cpusets, NodeMask all_nodes) {
  const NodeMask root_mems = cpusets.empty() ? all_nodes : node_mask(cpusets.at(0).at("mems"));
  RecordedCpusets built{Cpusets(root_mems), {}};
  built.by_id.push_back(&built.sets.root());
  for (std::size_t id = 1; id < cpusets.size(); ++id) {
    const Json& set = cpusets[id];
    const Cpuset& parent = *built.by_id.at(set.at("parent").get<std::size_t>());
    built.by_id.push_back(&built.sets.add(std::to_string(id), parent, node_mask(set.at("mems")),
                                          set.at("mem_exclusive") == 1));
  }
  return built;
}

}  // namespace numasim::conform
