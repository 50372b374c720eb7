#pragma once
// What is read off a running machine for its results.

#include <vector>

#include "allocator/kernel.hpp"
#include "sim/hardware/sim_machine.hpp"
#include "sim/results/lock_tables.hpp"
#include "sim/results/outline.hpp"
#include "sim/results/samples.hpp"
#include "sim/run/simulation.hpp"
#include "sim/scenario.hpp"

namespace numasim {

/// Requires: the memory has its final watermarks.
results::MachineOutline outline_of(const MachineConfig& machine, const Memory& memory);

/// The populated zones, as in the outline.
std::vector<results::ZoneSample> sample_zones(const Memory& memory);

std::vector<results::DeviceSample> sample_devices(const SimMachine& machine);

/// memory_pressure of every cpuset, the root first; none where there is only the root. Looking
/// changes nothing.
std::vector<results::CpusetSample> sample_cpusets(const Memory& memory, SimTime now);

std::vector<results::DeviceTotals> totals_of_devices(const SimMachine& machine);

/// The tasks of the trace, then the daemons, each in the order they were added.
std::vector<results::TaskRow> task_rows(const Simulation& simulation, SimTime end_of_run);

/// The spinlocks that were taken: those of the zones, of swap, then of the devices' queues.
std::vector<results::LockRow> lock_rows(const Simulation& simulation);

}  // namespace numasim
