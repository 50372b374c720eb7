#pragma once
// The scenario that runs an imported capture.

#include <string>

#include "workloads/ftrace/machine.hpp"

namespace numasim::ftrace {

/// The text of scenario.json beside trace.jsonl.gz, whose last record is at `end`. The run is
/// limited to a while after it: a task may wait for memory that nobody frees any more.
std::string scenario_json(const std::string& name, const Machine& machine, SimTime end);

}  // namespace numasim::ftrace
