#pragma once
// The look at the whole trace before anything is simulated.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/scenario.hpp"
#include "workloads/state.hpp"
#include "workloads/trace.hpp"

namespace numasim {

/// What the records of one task amount to.
struct TaskSurvey {
  trace::TaskDeclaration declaration;
  std::uint64_t records = 0;
  bool all_dated = true;  // every record has a `t`
};

struct TraceSurvey {
  trace::VmStatsRefresh vm_stats_refresh = trace::VmStatsRefresh::periodic;
  std::vector<TaskSurvey> tasks;  // in the order of their declaration
};

/// Reads the scenario's trace to its end and checks each record against those before it, the
/// machine, the cpusets and the state the run starts from. Throws InputError with every problem
/// found, up to 100.
TraceSurvey survey_trace(const Scenario& scenario, const std::optional<MachineState>& start_state);

}  // namespace numasim
