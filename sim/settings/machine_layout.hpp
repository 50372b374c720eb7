#pragma once

#include "sim/scenario.hpp"

namespace numasim {

/// The machine as the kernel core finds it at boot. Node ids are places in the list, CPU ids are
/// given in node order. A node's memory_bytes lie directly above all memory of the nodes before
/// it, beginning at address 0. Without a distance matrix nodes are 10 from themselves and 20 from
/// each other. Requires: a machine that check_scenario accepts.
/// Differs from Linux on a PC: no hole below 4 GiB, none from 640 KiB to 1 MiB.
MachineLayout to_layout(const MachineConfig& machine);

/// The RAM of each node by address, in the order written; memory_bytes as one range.
std::vector<std::vector<MemoryRange>> memory_by_address(const MachineConfig& machine);

/// How many CPUs the machine has.
int cpu_count(const MachineConfig& machine);

}  // namespace numasim
