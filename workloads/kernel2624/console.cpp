#include "workloads/kernel2624/console.hpp"

#include <cstdio>
#include <sstream>
#include <string_view>

#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"

namespace numasim::kernel2624 {
namespace {

constexpr std::string_view kVersion = "Linux version ";
constexpr std::string_view kSwapOn = "Adding ";  // "229368k swap on /dev/kd1."
constexpr std::string_view kCommandLine = "Kernel command line: ";
constexpr std::string_view kFileBegins = "## BEGIN ";
constexpr std::string_view kSysctls = "/proc/sys/vm/";

/// "    0:      256 ->    65536" of the early node map.
void read_range(const std::string& line, Console& console) {
  unsigned node = 0;
  unsigned long long begin = 0, end = 0;
  if (std::sscanf(line.c_str(), " %u: %llu -> %llu", &node, &begin, &end) != 3) return;
  console.ranges[node].push_back({Pfn{begin}, Pfn{end}});
}

/// "CPU 1/1 -> Node 1".
void read_cpu(const std::string& line, Console& console) {
  unsigned cpu = 0, apic = 0, node = 0;
  if (std::sscanf(line.c_str(), "CPU %u/%u -> Node %u", &cpu, &apic, &node) != 3) return;
  ++console.cpus[node];
}

/// "PS 111 (kswapd0)".
void read_process(const std::string& line, Console& console) {
  unsigned pid = 0;
  if (std::sscanf(line.c_str(), "PS %u (kswapd", &pid) != 1) return;
  if (line.find("(kswapd") != line.npos) console.kswapd_pids.insert(pid);
}

void read_distances(const std::string& line, Console& console) {
  std::istringstream numbers(line);
  std::vector<int> row;
  for (int distance = 0; numbers >> distance;) row.push_back(distance);
  console.distance.push_back(std::move(row));
}

/// The first line of a file that the console shows between "## BEGIN name" and "## END name".
void read_shown_file(const std::string& name, const std::string& line, Console& console) {
  const bool is_distance =
      name.starts_with("/sys/devices/system/node/node") && name.ends_with("/distance");
  const bool is_complete = console.distance.size() == console.ranges.size();
  if (is_distance && !is_complete) read_distances(line, console);  // it is shown twice
  if (name.starts_with(kSysctls)) {
    console.sysctls.try_emplace(name.substr(kSysctls.size()), line);
  }
}

}  // namespace

Console read_console(const std::filesystem::path& file) {
  LineSource lines(file);
  Console console;
  std::string shown;  // file whose first line comes next
  while (const auto line = lines.next()) {
    const std::string text(line->text);
    if (!shown.empty()) {
      read_shown_file(shown, text, console);
      shown.clear();
    } else if (text.starts_with(kFileBegins)) {
      shown = text.substr(kFileBegins.size());
    } else if (text.starts_with(kVersion)) {
      console.kernel_version = text.substr(kVersion.size(), text.find(' ', kVersion.size()) -
                                                                kVersion.size());
    } else if (text.starts_with(kCommandLine)) {
      console.command_line = text.substr(kCommandLine.size());
    } else if (text.starts_with("CPU ")) {
      read_cpu(text, console);
    } else if (text.starts_with("PS ")) {
      read_process(text, console);
    } else if (text.starts_with(kSwapOn)) {
      console.swap_kbytes.push_back(std::atoll(text.c_str() + kSwapOn.size()));
    } else {
      read_range(text, console);
    }
  }
  if (console.ranges.empty() || console.cpus.empty()) {
    throw InputError(Problem{.file = lines.name(),
                             .expected = "lines of the early node map and \"CPU n/n -> Node n\""});
  }
  return console;
}

std::string boot_option(const Console& console, const std::string& name) {
  std::istringstream words(console.command_line);
  for (std::string word; words >> word;) {
    if (word.starts_with(name + '=')) return word.substr(name.size() + 1);
  }
  return {};
}

}  // namespace numasim::kernel2624
