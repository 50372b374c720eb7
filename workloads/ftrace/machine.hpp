#pragma once
// The machine a capture was made on: from the text of its /proc and /sys, or as the user says.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "allocator/units.hpp"

namespace numasim::ftrace {

/// Frames [begin, end).
struct FrameRange {
  Pfn begin{};
  Pfn end{};
};

struct Machine {
  std::vector<std::vector<FrameRange>> ranges;  // RAM, by node
  std::vector<FrameRange> reserved;             // in use before the capture
  std::vector<int> cpus;                        // number of CPUs, by node
  std::vector<std::vector<int>> distance;       // empty: the default
  std::map<unsigned, CpuId> cpu_ids;            // captured CPU number to ours, in node order
  std::map<std::string, std::string> sysctls;   // of /proc/sys/vm
};

/// Nodes of equal size with equal numbers of CPUs, numbered in node order.
Machine uniform_machine(unsigned nodes, Bytes memory_each, unsigned cpus_each);

/// Reads a text of sections "=== FILE" with /proc/zoneinfo, cpulist and distance of each node and
/// /proc/sys/vm. Memory that was in use is reserved. Throws InputError.
Machine read_machine(const std::filesystem::path& file);

}  // namespace numasim::ftrace
