#include "sim/settings/machine_check.hpp"

#include <algorithm>
#include <set>

#include "allocator/task.hpp"
#include "sim/hardware/interconnect.hpp"
#include "sim/settings/machine_layout.hpp"
#include "sim/settings/quantity.hpp"

namespace numasim {
namespace {

std::string hex(Bytes address) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address.value));
  return text;
}

std::string shown(const MemoryRange& range) { return hex(range.begin) + ".." + hex(range.end); }

bool is_page_aligned(Bytes address) { return address.value % kPageBytes == 0; }

bool overlap(const MemoryRange& a, const MemoryRange& b) {
  return a.begin < b.end && b.begin < a.end;
}

std::string at(std::string_view list, std::size_t i) {
  return std::string(list) + '/' + std::to_string(i);
}

void check_range(const MemoryRange& range, const std::string& pointer, ProblemList& problems) {
  if (range.end <= range.begin)
    problems.add(pointer, {.message = "empty memory range",
                           .expected = "end_bytes above begin_bytes",
                           .found = shown(range)});
  if (!is_page_aligned(range.begin) || !is_page_aligned(range.end))
    problems.add(pointer, {.message = "memory range does not hold whole pages",
                           .expected = "multiples of 4096",
                           .found = shown(range)});
}

void check_memory_of(const NodeConfig& node, const std::string& pointer, ProblemList& problems) {
  if (node.memory && !node.ranges.empty())
    problems.add(pointer, {.message = "memory given twice, by memory_bytes and by ranges",
                           .hint = "remove one"});
  if (node.memory && !is_page_aligned(*node.memory))
    problems.add(pointer + "/memory_bytes",
                 {.expected = "a multiple of 4096", .found = std::to_string(node.memory->value)});
  for (std::size_t i = 0; i < node.ranges.size(); ++i)
    check_range(node.ranges[i], at(pointer + "/ranges", i), problems);
}

void check_overlaps(const MachineConfig& machine, ProblemList& problems) {
  struct Placed {
    std::size_t node;
    MemoryRange range;
  };
  std::vector<Placed> placed;
  const auto memory = memory_by_address(machine);
  for (std::size_t node = 0; node < memory.size(); ++node) {
    for (const MemoryRange& range : memory[node]) {
      for (const Placed& other : placed)
        if (overlap(range, other.range))
          problems.add(at("/machine/nodes", node),
                       {.message = "memory " + shown(range) + " overlaps " + shown(other.range) +
                                   " of node " + std::to_string(other.node)});
      placed.push_back({node, range});
    }
  }
}

Bytes end_of_memory(const MachineConfig& machine) {
  Bytes end{0};
  for (const auto& node : memory_by_address(machine))
    for (const MemoryRange& range : node) end = std::max(end, range.end);
  return end;
}

std::string as_size(Bytes bytes) { return format_quantity(Whole{bytes.value}, Unit::bytes); }

void check_nodes(const MachineConfig& machine, ProblemList& problems) {
  const std::string list = "/machine/nodes";
  if (machine.nodes.empty() || machine.nodes.size() > kMaxNodes) {
    problems.add(list, {.expected = "1 to " + std::to_string(kMaxNodes) + " nodes",
                        .found = std::to_string(machine.nodes.size())});
    return;
  }
  for (std::size_t i = 0; i < machine.nodes.size(); ++i)
    check_memory_of(machine.nodes[i], at(list, i), problems);
  check_overlaps(machine, problems);

  if (total_memory(machine).value == 0)
    problems.add(list, {.expected = "at least one node with memory",
                        .found = "none",
                        .hint = "give a node \"memory_bytes\": \"256MiB\""});
  if (const Bytes end = end_of_memory(machine); end > kMostMemory)
    problems.add(list, {.expected = "memory that ends at " + as_size(kMostMemory) + " or below",
                        .found = "memory up to " + as_size(end)});
  std::int64_t cpus = 0;
  for (const NodeConfig& node : machine.nodes) cpus += node.cpus;
  if (cpus < 1 || cpus > kMostCpus)
    problems.add(list, {.expected = "1 to " + std::to_string(kMostCpus) + " CPUs in all",
                        .found = std::to_string(cpus)});
}

void check_distance(const MachineConfig& machine, ProblemList& problems) {
  const auto& matrix = machine.distance;
  const std::string nodes = std::to_string(machine.nodes.size());
  const std::string pointer = "/machine/distance";
  if (matrix.empty()) return;
  if (matrix.size() != machine.nodes.size()) {
    problems.add(pointer, {.message = "distance matrix does not fit the nodes",
                           .expected = nodes + (nodes == "1" ? " row" : " rows") + ", one a node",
                           .found = std::to_string(matrix.size())});
    return;
  }
  for (std::size_t row = 0; row < matrix.size(); ++row) {
    if (matrix[row].size() != matrix.size()) {
      problems.add(at(pointer, row), {.message = "distance matrix is not square",
                                      .expected = "a row of " + nodes,
                                      .found = std::to_string(matrix[row].size())});
    } else if (matrix[row][row] != 10) {
      problems.add(at(at(pointer, row), row), {.message = "distance of a node to itself",
                                               .expected = "10",
                                               .found = std::to_string(matrix[row][row])});
    }
  }
}

void check_reserved(const MachineConfig& machine, ProblemList& problems) {
  const auto memory = memory_by_address(machine);
  for (std::size_t i = 0; i < machine.reserved.size(); ++i) {
    const MemoryRange& range = machine.reserved[i];
    const std::string pointer = at("/machine/reserved", i);
    check_range(range, pointer, problems);
    bool inside = false;
    for (const auto& node : memory)
      for (const MemoryRange& ram : node)
        inside |= ram.begin <= range.begin && range.end <= ram.end;
    if (!inside)
      problems.add(pointer, {.expected = "a part of one node's memory", .found = shown(range)});
    for (std::size_t other = 0; other < i; ++other)
      if (overlap(range, machine.reserved[other]))
        problems.add(pointer, {.message = "overlaps " + at("/machine/reserved", other)});
  }
}

void check_links(const MachineConfig& machine, ProblemList& problems) {
  const int ends = static_cast<int>(machine.nodes.size()) + machine.routers;
  std::set<std::pair<int, int>> seen;
  bool sound = true;
  for (std::size_t i = 0; i < machine.links.size(); ++i) {
    const LinkConfig& link = machine.links[i];
    const std::string pointer = at("/machine/links", i);
    for (const auto& [key, end] : {std::pair{"/from", link.from}, std::pair{"/to", link.to}}) {
      if (end < ends) continue;
      sound = false;
      problems.add(pointer + key, {.expected = "a node or a router, 0 to " +
                                               std::to_string(ends - 1),
                                   .found = std::to_string(end),
                                   .hint = "machine.routers says how many routers there are"});
    }
    if (link.from == link.to)
      problems.add(pointer, {.message = "a link from " + std::to_string(link.from) + " to itself"});
    if (!seen.insert({link.from, link.to}).second)
      problems.add(pointer, {.message = "the link from " + std::to_string(link.from) + " to " +
                                        std::to_string(link.to) + " is given twice"});
  }
  if (machine.links.empty() || !sound) return;
  const std::vector<char> reached = Interconnect::reached_from_first(machine);
  for (std::size_t node = 0; node < machine.nodes.size(); ++node)
    if (!reached[node])
      problems.add("/machine/links", {.message = "no way over the links from node 0 to node " +
                                                 std::to_string(node)});
}

void check_cpus(const MachineConfig& machine, ProblemList& problems) {
  for (std::size_t i = 0; i < machine.nodes.size(); ++i)
    if (machine.nodes[i].cpus % machine.threads_per_core != 0)
      problems.add(at("/machine/nodes", i) + "/cpus",
                   {.expected = "a multiple of machine.threads_per_core, " +
                                std::to_string(machine.threads_per_core),
                    .found = std::to_string(machine.nodes[i].cpus)});
  const int cpus = cpu_count(machine);
  for (std::size_t i = 0; i < machine.cpu_speeds.size(); ++i)
    for (const int cpu : machine.cpu_speeds[i].cpus)
      if (cpu >= cpus)
        problems.add(at("/machine/cpu_speeds", i) + "/cpus",
                     {.expected = "CPUs of the machine, 0 to " + std::to_string(cpus - 1),
                      .found = std::to_string(cpu)});
}

void check_disk_faults(std::size_t disk, const DiskConfig& config, ProblemList& problems) {
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    const DiskFault& fault = config.faults[i];
    const std::string pointer =
        "/machine/disks/" + std::to_string(disk) + "/faults/" + std::to_string(i) + "/until_ns";
    if (!fault.until || *fault.until > fault.from || !problems.sound({pointer})) continue;
    problems.add(pointer, {.expected = "a date after from_ns, " + std::to_string(to_ns(fault.from)),
                           .found = std::to_string(to_ns(*fault.until))});
  }
}

void check_hdd(const HddConfig& hdd, const std::string& pointer, ProblemList& problems) {
  if (hdd.track_seek > hdd.average_seek || hdd.average_seek > hdd.full_seek)
    problems.add(pointer, {.message = "seek times out of order",
                           .expected = "track_seek_ns, average_seek_ns, full_seek_ns ascending",
                           .found = std::to_string(to_ns(hdd.track_seek)) + ", " +
                                    std::to_string(to_ns(hdd.average_seek)) + ", " +
                                    std::to_string(to_ns(hdd.full_seek))});
  if (hdd.inner_bytes_per_second > hdd.outer_bytes_per_second)
    problems.add(pointer + "/inner_bytes_per_second",
                 {.expected = "at most outer_bytes_per_second, " +
                              std::to_string(hdd.outer_bytes_per_second),
                  .found = std::to_string(hdd.inner_bytes_per_second)});
}

/// `names`: of the disks; those of the arrays join them.
void check_raid0(const MachineConfig& machine, std::set<std::string_view>& names,
                 ProblemList& problems) {
  const std::set<std::string_view> disks = names;
  for (std::size_t i = 0; i < machine.raid0.size(); ++i) {
    const Raid0Config& array = machine.raid0[i];
    const std::string pointer = at("/machine/raid0", i);
    if (!is_plain_name(array.name))
      problems.add(pointer + "/name",
                   {.expected = std::string(kPlainName), .found = quoted(array.name)});
    if (!names.insert(array.name).second)
      problems.add(pointer + "/name", {.message = "two disks are called " + quoted(array.name)});
    if (array.chunk.value % kPageBytes != 0)
      problems.add(pointer + "/chunk_bytes",
                   {.expected = "a multiple of 4096", .found = std::to_string(array.chunk.value)});
    if (array.disks.size() < 2)
      problems.add(pointer + "/disks",
                   {.expected = "two disks or more", .found = std::to_string(array.disks.size())});
    std::set<std::string_view> members;
    for (std::size_t disk = 0; disk < array.disks.size(); ++disk) {
      const std::string place = at(pointer + "/disks", disk);
      if (!disks.contains(array.disks[disk]))
        problems.add(place, {.expected = "the name of a disk", .found = quoted(array.disks[disk])});
      else if (!members.insert(array.disks[disk]).second)
        problems.add(place, {.message = "the same disk twice"});
    }
  }
}

void check_disks(const MachineConfig& machine, ProblemList& problems) {
  constexpr std::size_t most = 64;
  const std::string list = "/machine/disks";
  if (machine.disks.empty() || machine.disks.size() > most)
    problems.add(list, {.expected = "1 to " + std::to_string(most) + " disks",
                        .found = std::to_string(machine.disks.size())});
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < machine.disks.size(); ++i) {
    const std::string& name = machine.disks[i].name;
    const std::string pointer = at(list, i) + "/name";
    if (!is_plain_name(name))
      problems.add(pointer, {.expected = std::string(kPlainName), .found = quoted(name)});
    if (!names.insert(name).second)
      problems.add(pointer, {.message = "two disks are called " + quoted(name)});
    const auto nodes = static_cast<int>(machine.nodes.size());
    if (nodes > 0 && machine.disks[i].node >= nodes)
      problems.add(at(list, i) + "/node",
                   {.expected = "a node of the machine, 0 to " +
                                std::to_string(machine.nodes.size() - 1),
                    .found = std::to_string(machine.disks[i].node)});
    check_disk_faults(i, machine.disks[i], problems);
    check_hdd(machine.disks[i].hdd, at(list, i) + "/hdd", problems);
  }
  check_raid0(machine, names, problems);
}

void check_swap(const MachineConfig& machine, ProblemList& problems) {
  constexpr std::size_t kMostAreas = 32;  // MAX_SWAPFILES
  const std::string list = "/machine/swap";
  if (machine.swap.size() > kMostAreas)
    problems.add(list, {.expected = "at most " + std::to_string(kMostAreas) + " swap areas",
                        .found = std::to_string(machine.swap.size())});
  for (std::size_t i = 0; i < machine.swap.size(); ++i) {
    const SwapConfig& swap = machine.swap[i];
    const std::string pointer = at(list, i);
    if (std::ranges::find(machine.disks, swap.disk, &DiskConfig::name) == machine.disks.end() &&
        std::ranges::find(machine.raid0, swap.disk, &Raid0Config::name) == machine.raid0.end())
      problems.add(pointer + "/disk",
                   {.expected = "the name of a disk or RAID-0", .found = quoted(swap.disk)});
    for (const auto& [key, bytes] :
         {std::pair{"/first_bytes", swap.first}, std::pair{"/size_bytes", swap.size}})
      if (!is_page_aligned(bytes))
        problems.add(pointer + key,
                     {.expected = "a multiple of 4096", .found = std::to_string(bytes.value)});
  }
}

}  // namespace

Bytes total_memory(const MachineConfig& machine) {
  Bytes total{0};
  for (const auto& node : memory_by_address(machine))
    for (const MemoryRange& range : node)
      if (range.begin < range.end) total.value += range.end.value - range.begin.value;
  return total;
}

bool is_plain_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), is_plain);
}

void check_machine(const MachineConfig& machine, ProblemList& problems) {
  const bool nodes_sound = problems.sound({"/machine/nodes"});
  if (nodes_sound) check_nodes(machine, problems);
  if (problems.list_sound("/machine/nodes") && problems.sound({"/machine/distance"}))
    check_distance(machine, problems);
  if (nodes_sound && problems.sound({"/machine/links", "/machine/routers"}))
    check_links(machine, problems);
  if (nodes_sound && problems.sound({"/machine/threads_per_core", "/machine/cpu_speeds"}))
    check_cpus(machine, problems);
  if (nodes_sound && problems.sound({"/machine/reserved"})) check_reserved(machine, problems);
  if (problems.sound({"/machine/disks", "/machine/raid0"})) check_disks(machine, problems);
  if (problems.sound({"/machine/disks", "/machine/swap"})) check_swap(machine, problems);
}

}  // namespace numasim
