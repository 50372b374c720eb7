#pragma once
// What the runner itself counts for the summary.

#include <vector>

#include "allocator/proc_vmstat.hpp"
#include "sim/results/summary.hpp"
#include "sim/run/simulation.hpp"

namespace numasim {

/// Tasks, records, and the changes of /proc/vmstat since `at_start`.
std::vector<results::Stat> run_stats(Simulation& simulation, const VmstatValues& at_start);

}  // namespace numasim
