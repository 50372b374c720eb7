#pragma once
// Where two runs part to the step: both are carried out again, side by side.

#include <nlohmann/json.hpp>

#include "sim/scenario.hpp"

namespace numasim::explain {

/// Null where every step of both that ftrace has an event for is the same, else {"step", "a", "b"}:
/// the first that differs, counted from 1, as a line with its date in nanoseconds; null for the run
/// that has ended. Throws InputError for what is wrong with a trace or state, std::runtime_error if
/// one of the runs does not come to its end.
nlohmann::ordered_json first_step_apart(const Scenario& a, const Scenario& b);

}  // namespace numasim::explain
