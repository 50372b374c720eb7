#pragma once
// Contradictions inside a machine state.

#include <cstddef>
#include <vector>

#include "workloads/input_error.hpp"
#include "workloads/state.hpp"

namespace numasim {

/// What is wrong with a state, at most 20 problems, each with its JSON pointer.
std::vector<Problem> problems_of(const MachineState& state);

/// How many pageblocks a zone's span touches.
std::size_t pageblocks_of(const ZoneState& zone, Order pageblock_order);

}  // namespace numasim
