#pragma once
// The files a scenario names, read to the end before anything is simulated.

#include <filesystem>
#include <vector>

#include "sim/scenario.hpp"
#include "workloads/input_error.hpp"

namespace numasim {

/// Reads the trace and the state file of a scenario. Throws InputError with every fault, up to 100:
/// of the trace's records, of what they name that the machine does not have (CPUs, nodes, cpusets),
/// of the state. Throws FileError if one cannot be read.
void check_input_files(const Scenario& scenario);

/// The same for a trace without a machine.
void check_trace(const std::filesystem::path& trace);

}  // namespace numasim
