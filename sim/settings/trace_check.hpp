#pragma once

#include <filesystem>
#include <vector>

#include "sim/scenario.hpp"
#include "workloads/input_error.hpp"

namespace numasim {

/// Every fault of a scenario's trace, up to 100: of its records, and of what they name that the
/// machine does not have (CPUs, nodes, cpusets). Reads the whole trace once.
std::vector<Problem> find_trace_problems(const Scenario& scenario);

/// The same for a trace without a machine. Throws FileError if it cannot be read.
std::vector<Problem> find_trace_problems(const std::filesystem::path& trace);

}  // namespace numasim
