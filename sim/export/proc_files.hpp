#pragma once
// The files of /proc and /sys that tell of memory, as 2.6.24 prints them.

#include <filesystem>
#include <string>

#include "allocator/memory.hpp"

namespace numasim::exporting {

std::string proc_buddyinfo(const Memory& memory);
std::string proc_zoneinfo(const Memory& memory);
std::string proc_vmstat_text(const Memory& memory);
std::string proc_pagetypeinfo(const Memory& memory);
/// Lines about memory that the model knows; others are left out.
std::string proc_meminfo(const Memory& memory);
std::string node_meminfo(const Memory& memory, NodeId node);
std::string node_numastat(const Memory& memory, NodeId node);

/// Writes all of them below `folder`: proc/..., sys/devices/system/node/... Throws
/// results::OutputError.
void write_proc_files(const Memory& memory, const std::filesystem::path& folder);

}  // namespace numasim::exporting
