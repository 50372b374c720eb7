#pragma once

#include <string_view>

#include "sim/scenario.hpp"
#include "sim/settings/problem_list.hpp"

namespace numasim {

/// Nodes, memory ranges, distances and disks fit each other.
void check_machine(const MachineConfig& machine, ProblemList& problems);

/// All memory of the machine, reserved parts included.
Bytes total_memory(const MachineConfig& machine);

/// Fit to be a file's name: letters, digits, '.', '_', '-', not beginning with '.' or '-'.
bool is_plain_name(std::string_view name);
inline constexpr std::string_view kPlainName =
    "letters, digits, '.', '_' and '-', not beginning with '.' or '-'";

}  // namespace numasim
