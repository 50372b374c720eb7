#pragma once
// The recorded machine's console: its memory ranges, CPUs, distances, sysctls and kernel threads.

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "allocator/units.hpp"

namespace numasim::kernel2624 {

/// RAM of a node, frames [begin, end).
struct RamRange {
  Pfn begin{};
  Pfn end{};
};

struct Console {
  std::string kernel_version;  // "2.6.24"
  std::string command_line;
  std::map<unsigned, std::vector<RamRange>> ranges;  // by node, in registration order
  std::map<unsigned, int> cpus;                      // number of CPUs, by node
  std::vector<std::vector<int>> distance;
  std::map<std::string, std::string> sysctls;  // of /proc/sys/vm, first line of each
  std::set<std::uint32_t> kswapd_pids;
  std::vector<std::int64_t> swap_kbytes;  // of each swap area, without its header
};

/// Reads console.txt.gz. Throws InputError when it lacks the node map.
Console read_console(const std::filesystem::path& file);

/// The value of NAME= on the kernel command line, or the empty text.
std::string boot_option(const Console& console, const std::string& name);

}  // namespace numasim::kernel2624
