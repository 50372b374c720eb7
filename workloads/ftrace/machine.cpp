#include "workloads/ftrace/machine.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <utility>

#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"

namespace numasim::ftrace {
namespace {

constexpr std::string_view kSection = "=== ";
constexpr std::string_view kNodes = "/sys/devices/system/node/node";
constexpr std::string_view kSysctls = "/proc/sys/vm/";

struct ZoneFigures {
  unsigned node = 0;
  std::int64_t free = 0, spanned = 0, present = 0, start = 0;
};

class MachineText {
 public:
  explicit MachineText(const std::filesystem::path& file) : lines_(file) {}

  Machine read() {
    while (const auto line = lines_.next()) {
      const std::string text(line->text);
      if (text.starts_with(kSection)) {
        section_ = text.substr(kSection.size());
      } else if (section_ == "/proc/zoneinfo") {
        read_zoneinfo(text);
      } else if (section_.starts_with(kNodes)) {
        read_node_file(text);
      } else if (section_.starts_with(kSysctls)) {
        machine_.sysctls.try_emplace(section_.substr(kSysctls.size()), text);
      }
    }
    place_zones();
    number_cpus();
    return std::move(machine_);
  }

 private:
  void read_zoneinfo(const std::string& text) {
    unsigned node = 0;
    long long value = 0;
    if (std::sscanf(text.c_str(), "Node %u, zone", &node) == 1) {
      zones_.push_back({.node = node});
      return;
    }
    if (zones_.empty()) return;
    ZoneFigures& zone = zones_.back();
    const auto is = [&](const char* form) { return std::sscanf(text.c_str(), form, &value) == 1; };
    if (is("  pages free %lld")) zone.free = value;
    if (is(" spanned %lld")) zone.spanned = value;
    if (is(" present %lld")) zone.present = value;
    if (is(" start_pfn: %lld")) zone.start = value;
  }

  void read_node_file(const std::string& text) {
    unsigned node = 0;
    char file[32] = "";
    if (std::sscanf(section_.c_str() + kNodes.size(), "%u/%31s", &node, file) != 2) return;
    if (std::string_view(file) == "cpulist") cpu_lists_[node] = text;
    if (std::string_view(file) != "distance") return;
    std::istringstream numbers(text);
    std::vector<int> row;
    for (int distance = 0; numbers >> distance;) row.push_back(distance);
    distances_[node] = row;
  }

  /// RAM is where the zones are; what was not free is reserved at the end of each zone.
  void place_zones() {
    constexpr std::int64_t kLowMegabyte = 256;  // frames; its end is a hole on every PC
    for (const ZoneFigures& zone : zones_) {
      if (machine_.ranges.size() <= zone.node) machine_.ranges.resize(zone.node + 1);
      if (zone.present == 0) continue;
      std::int64_t begin = zone.start;
      const std::int64_t end = zone.start + zone.spanned, hole = zone.spanned - zone.present;
      if (hole > 0 && zone.start + hole < kLowMegabyte && kLowMegabyte < end) {
        add(machine_.ranges[zone.node], begin, kLowMegabyte - hole);
        begin = kLowMegabyte;
      }
      add(machine_.ranges[zone.node], begin, end);
      const std::int64_t used = std::min(zone.present - zone.free, end - begin);
      if (used > 0) add(machine_.reserved, end - used, end);
    }
    if (!machine_.ranges.empty()) return;
    throw InputError(
        Problem{.file = lines_.name(), .expected = "a section \"=== /proc/zoneinfo\" with zones"});
  }

  /// Joins ranges that touch.
  static void add(std::vector<FrameRange>& ranges, std::int64_t begin, std::int64_t end) {
    const Pfn first{static_cast<std::uint64_t>(begin)}, last{static_cast<std::uint64_t>(end)};
    if (!ranges.empty() && ranges.back().end == first) {
      ranges.back().end = last;
    } else {
      ranges.push_back({first, last});
    }
  }

  void number_cpus() {
    machine_.cpus.assign(machine_.ranges.size(), 0);
    std::uint16_t next = 0;
    for (const auto& [node, list] : cpu_lists_) {
      if (node >= machine_.cpus.size()) continue;
      for (unsigned cpu : cpus_in(list)) {
        machine_.cpu_ids[cpu] = CpuId{next++};
        ++machine_.cpus[node];
      }
    }
    for (const auto& [node, row] : distances_) machine_.distance.push_back(row);
    if (machine_.distance.size() != machine_.ranges.size()) machine_.distance.clear();
  }

  /// "0-1,4" as numbers.
  static std::vector<unsigned> cpus_in(const std::string& list) {
    std::vector<unsigned> cpus;
    std::istringstream parts(list);
    for (std::string part; std::getline(parts, part, ',');) {
      unsigned first = 0, last = 0;
      const int found = std::sscanf(part.c_str(), "%u-%u", &first, &last);
      if (found < 1) continue;
      for (unsigned cpu = first; cpu <= (found == 2 ? last : first); ++cpu) cpus.push_back(cpu);
    }
    return cpus;
  }

  LineSource lines_;
  std::string section_;
  std::vector<ZoneFigures> zones_;
  std::map<unsigned, std::string> cpu_lists_;
  std::map<unsigned, std::vector<int>> distances_;
  Machine machine_;
};

}  // namespace

Machine uniform_machine(unsigned nodes, Bytes memory_each, unsigned cpus_each) {
  const std::uint64_t frames_each = memory_each.value / kPageBytes;
  Machine machine;
  std::uint16_t cpu = 0;
  for (unsigned node = 0; node < nodes; ++node) {
    machine.ranges.push_back({{Pfn{node * frames_each}, Pfn{(node + 1) * frames_each}}});
    machine.cpus.push_back(static_cast<int>(cpus_each));
    for (unsigned i = 0; i < cpus_each; ++i, ++cpu) machine.cpu_ids[cpu] = CpuId{cpu};
  }
  return machine;
}

Machine read_machine(const std::filesystem::path& file) { return MachineText(file).read(); }

}  // namespace numasim::ftrace
