#include "workloads/kernel2624/scenario.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <sstream>

#include "workloads/json_text.hpp"

namespace numasim::kernel2624 {
namespace {

constexpr SimDuration kGraceBeforeLimit = std::chrono::seconds(10);

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

void put_nodes(JsonText& json, const Console& console) {
  json.line_break(4).key("nodes").begin_array();
  for (const auto& [node, ranges] : console.ranges) {
    json.line_break(6).begin_object().key("ranges").begin_array();
    for (const RamRange& range : ranges) {
      json.begin_object();
      json.member("begin_bytes", range.begin.value * kPageBytes);
      json.member("end_bytes", range.end.value * kPageBytes);
      json.end_object();
    }
    json.end_array();
    const auto cpus = console.cpus.find(node);
    json.member("cpus", cpus == console.cpus.end() ? 0 : cpus->second).end_object();
  }
  json.end_array();
}

void put_distance(JsonText& json, const Console& console) {
  if (console.distance.size() != console.ranges.size()) return;
  json.line_break(4).key("distance").begin_array();
  for (const auto& row : console.distance) {
    json.begin_array();
    for (int distance : row) json.number(distance);
    json.end_array();
  }
  json.end_array();
}

/// disk=BANDWIDTH,OVERHEAD,SEEK of the recordings, in bytes a second and ns. Copying in softirq
/// adds to each request what was measured: 20 us and 4.03 ns a byte.
void put_disk(JsonText& json, const Console& console) {
  long long bandwidth = 0, overhead = 0, seek = 0;
  const std::string option = boot_option(console, "disk");
  if (std::sscanf(option.c_str(), "%lld,%lld,%lld", &bandwidth, &overhead, &seek) != 3) return;
  if (bandwidth <= 0) return;
  const double ns_per_byte = 1e9 / static_cast<double>(bandwidth) + 4.03;
  json.line_break(4).key("disks").begin_array().begin_object();
  json.member("name", "kd0");
  json.member("bandwidth_bytes_per_second", static_cast<std::int64_t>(1e9 / ns_per_byte));
  json.member("overhead_ns", overhead + 20'000).member("seek_ns", seek);
  json.end_object().end_array();
}

/// A sysctl under the scenario's key, when the console shows it.
void put_sysctl(JsonText& json, const Console& console, const char* name, const char* key) {
  const auto shown = console.sysctls.find(name);
  if (shown == console.sysctls.end()) return;
  if (const auto value = number(shown->second)) json.line_break(4).member(key, *value);
}

void put_lowmem_reserve_ratio(JsonText& json, const Console& console) {
  const auto shown = console.sysctls.find("lowmem_reserve_ratio");
  if (shown == console.sysctls.end()) return;
  std::istringstream numbers(shown->second);
  json.line_break(4).key("lowmem_reserve_ratio").begin_array();
  for (std::int64_t ratio = 0; numbers >> ratio;) json.number(ratio);
  json.end_array();
}

void put_zonelist_order(JsonText& json, const Console& console) {
  const std::string option = boot_option(console, "numa_zonelist_order");
  if (option.empty()) return;
  const char letter = option.front();
  const bool by_zone = letter == 'z' || letter == 'Z';
  const bool by_node = letter == 'n' || letter == 'N';
  json.line_break(4).member("numa_zonelist_order", by_zone ? "zone" : by_node ? "node" : "default");
}

/// Boot-time reservations below 16 MiB are not told, but the zone's present pages are: they are
/// what the RAM of zone DMA and its memory map leave unexplained.
void put_dma_reserve(JsonText& json, const Console& console, const Dump& dump) {
  const ZoneState& zone = dump.state.zones.front();
  const Pfn end = zone.start + zone.spanned;
  std::int64_t ram = 0;
  for (const auto& [node, ranges] : console.ranges) {
    for (const RamRange& range : ranges) {
      const Pfn from = std::max(range.begin, zone.start), to = std::min(range.end, end);
      if (from < to) ram += (to - from).value;
    }
  }
  const std::int64_t memory_map = zone.spanned.value * dump.struct_page_bytes >> kPageShift;
  const std::int64_t reserve = ram - memory_map - zone.present.value;
  if (reserve > 0) json.line_break(4).member("dma_reserve_pages", reserve);
}

void put_kernel(JsonText& json, const Console& console, const Dump& dump) {
  json.line_break(2).key("kernel").begin_object();
  json.line_break(4).member("era", "2.6.24");
  json.line_break(4).member("hz", dump.hz);
  json.line_break(4).member("pageblock_order", dump.state.pageblock_order.value);
  json.line_break(4).member("struct_page_bytes", dump.struct_page_bytes);
  put_dma_reserve(json, console, dump);
  put_sysctl(json, console, "min_free_kbytes", "min_free_kbytes");
  put_lowmem_reserve_ratio(json, console);
  put_sysctl(json, console, "percpu_pagelist_fraction", "percpu_pagelist_fraction");
  put_zonelist_order(json, console);
  put_sysctl(json, console, "zone_reclaim_mode", "zone_reclaim_mode");
  put_sysctl(json, console, "swappiness", "swappiness_percent");
  put_sysctl(json, console, "dirty_ratio", "dirty_ratio_percent");
  put_sysctl(json, console, "dirty_background_ratio", "dirty_background_ratio_percent");
  json.line_break(2).end_object();
}

}  // namespace

std::string scenario_json(const std::string& name, const std::string& command,
                          const Console& console, const Dump& dump, SimTime end) {
  std::string text;
  JsonText json(text);
  json.begin_object();
  json.line_break(2).member("version", 1);
  json.line_break(2).member("name", name);
  json.line_break(2).member("description",
                            "A recording of a booted Linux 2.6.24, replayed from the state it "
                            "was in: " +
                                command);
  json.line_break(2).member("look_at",
                            "pages served by each zone and the NUMA counters are those of the "
                            "recorded kernel");
  json.line_break(2).key("machine").begin_object();
  put_nodes(json, console);
  put_distance(json, console);
  put_disk(json, console);
  json.line_break(2).end_object();
  put_kernel(json, console, dump);
  json.line_break(2).key("workload").begin_object().member("trace", "trace.jsonl.gz");
  json.end_object();
  json.line_break(2).key("run").begin_object().member("start_state", "state.json.gz");
  json.member("time_limit_ns", to_ns(end + kGraceBeforeLimit)).end_object();
  json.line_break(0).end_object();
  return text + '\n';
}

}  // namespace numasim::kernel2624
