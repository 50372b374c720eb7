#pragma once
// The swap areas of a machine, handed to its kernel.

#include "allocator/kernel.hpp"
#include "sim/scenario.hpp"

namespace numasim {

/// swapon() for each area, in the order of the scenario. Requires: they name disks of the machine.
void make_swap_areas(const MachineConfig& machine, Kernel& kernel);

}  // namespace numasim
