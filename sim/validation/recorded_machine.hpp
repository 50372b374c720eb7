#pragma once
// The machine and the kernel of a recording, for a simulation that starts where it started.

#include "sim/scenario.hpp"
#include "sim/validation/recording.hpp"

namespace numasim::validation {

/// CPUs, memory buses, disks.
MachineConfig machine_of(const Recording& recording);

/// Era, boot options and sysctls.
KernelConfig kernel_of(const Recording& recording);

}  // namespace numasim::validation
