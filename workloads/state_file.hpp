#pragma once
// State files: "numasim_state": 1. See FORMAT.md.

#include <filesystem>
#include <string>

#include "workloads/input_error.hpp"
#include "workloads/state.hpp"

namespace numasim {

/// Reads a state file, plain, gzip or zstd. Throws InputError, with every problem when they are
/// contradictions inside a well-formed file: blocks outside their zone, misplaced for their order,
/// on two lists; a free counter that is not the sum of the free lists; overlapping zones.
MachineState read_state(const std::filesystem::path& file);

/// The text of a state file; the same state gives the same bytes.
std::string to_json(const MachineState& state);

}  // namespace numasim
