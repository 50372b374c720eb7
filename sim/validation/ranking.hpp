#pragma once
// Whether the model puts the scenarios of a family in the order in which the kernel put them.

#include <vector>

#include "sim/validation/case.hpp"
#include "sim/validation/verdict.hpp"

namespace numasim::validation {

/// Adds one verdict for each quantity that several scenarios under writeback pressure have in
/// common: of the pairs that clearly differ in the recordings, the share that the simulated values
/// put in the same order.
void add_rankings(const std::vector<Case>& cases, std::vector<Verdict>& verdicts);

}  // namespace numasim::validation
