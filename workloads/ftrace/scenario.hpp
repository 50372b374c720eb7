#pragma once
// The scenario that runs an imported capture.

#include <string>

#include "workloads/ftrace/machine.hpp"

namespace numasim::ftrace {

/// The text of scenario.json beside trace.jsonl.gz.
std::string scenario_json(const std::string& name, const Machine& machine);

}  // namespace numasim::ftrace
