#pragma once
// What the runner itself counts for the summary.

#include <vector>

#include "allocator/vmstat.hpp"
#include "sim/results/summary.hpp"
#include "sim/run/simulation.hpp"

namespace numasim {

/// Tasks, records, and the kernel's event counters since `at_start`.
std::vector<results::Stat> run_stats(Simulation& simulation, const VmEvents& at_start);

}  // namespace numasim
