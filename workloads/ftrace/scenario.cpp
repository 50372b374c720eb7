#include "workloads/ftrace/scenario.hpp"

#include <cstdlib>

#include "workloads/json_text.hpp"

namespace numasim::ftrace {
namespace {

constexpr SimDuration kGraceBeforeLimit = std::chrono::seconds(10);

void put_ranges(JsonText& json, const std::vector<FrameRange>& ranges) {
  json.begin_array();
  for (const FrameRange& range : ranges) {
    json.begin_object();
    json.member("begin_bytes", range.begin.value * kPageBytes);
    json.member("end_bytes", range.end.value * kPageBytes);
    json.end_object();
  }
  json.end_array();
}

void put_machine(JsonText& json, const Machine& machine) {
  json.line_break(2).key("machine").begin_object();
  json.line_break(4).key("nodes").begin_array();
  for (std::size_t node = 0; node < machine.ranges.size(); ++node) {
    json.line_break(6).begin_object();
    if (machine.ranges[node].empty()) {
      json.member("memory_bytes", 0);
    } else {
      put_ranges(json.key("ranges"), machine.ranges[node]);
    }
    json.member("cpus", machine.cpus[node]).end_object();
  }
  json.end_array();
  if (!machine.distance.empty()) {
    json.line_break(4).key("distance").begin_array();
    for (const auto& row : machine.distance) {
      json.begin_array();
      for (int distance : row) json.number(distance);
      json.end_array();
    }
    json.end_array();
  }
  if (!machine.reserved.empty()) put_ranges(json.line_break(4).key("reserved"), machine.reserved);
  json.line_break(2).end_object();
}

void put_sysctl(JsonText& json, const Machine& machine, const char* name, const char* key) {
  const auto shown = machine.sysctls.find(name);
  if (shown == machine.sysctls.end()) return;
  json.line_break(4).member(key, std::strtoll(shown->second.c_str(), nullptr, 10));
}

}  // namespace

std::string scenario_json(const std::string& name, const Machine& machine, SimTime end) {
  std::string text;
  JsonText json(text);
  json.begin_object();
  json.line_break(2).member("version", 1);
  json.line_break(2).member("name", name);
  json.line_break(2).member(
      "description", "Allocations and frees captured on a later Linux, done by that of 2.6.24");
  json.line_break(2).member("look_at", "which zones serve the same requests here");
  put_machine(json, machine);
  json.line_break(2).key("kernel").begin_object();
  json.line_break(4).member("pageblock_order", 9);
  put_sysctl(json, machine, "min_free_kbytes", "min_free_kbytes");
  put_sysctl(json, machine, "zone_reclaim_mode", "zone_reclaim_mode");
  put_sysctl(json, machine, "swappiness", "swappiness_percent");
  json.line_break(2).end_object();
  json.line_break(2).key("workload").begin_object().member("trace", "trace.jsonl.gz");
  json.end_object();
  json.line_break(2).key("run").begin_object();
  json.member("time_limit_ns", to_ns(end + kGraceBeforeLimit)).end_object();
  json.line_break(0).end_object();
  return text + '\n';
}

}  // namespace numasim::ftrace
