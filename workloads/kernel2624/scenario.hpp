#pragma once
// The scenario that replays an imported recording.

#include <string>

#include "workloads/kernel2624/console.hpp"
#include "workloads/kernel2624/dump.hpp"

namespace numasim::kernel2624 {

/// The text of scenario.json beside state.json.gz and trace.jsonl.gz, whose last record is at
/// `end`. The run is limited to a while after it: a task may wait for memory nobody frees.
std::string scenario_json(const std::string& name, const std::string& command,
                          const Console& console, const Dump& dump, SimTime end);

}  // namespace numasim::kernel2624
