#pragma once
// A machine's memory from and to a state file. The allocator's lists and counters are in it; the
// LRU lists, page cache and address spaces are not: what they hold is in use, by nobody.

#include <filesystem>
#include <vector>

#include "allocator/kernel.hpp"
#include "workloads/input_error.hpp"
#include "workloads/state.hpp"

namespace numasim {

/// What keeps a booted machine from taking up a state: zones, pageblocks or CPUs that differ.
std::vector<Problem> misfits_of(const MachineState& state, const Memory& memory);

/// Gives a freshly booted memory the free lists, pagesets, counters and watermarks of `state`.
/// Requires: no misfits.
void restore(const MachineState& state, Memory& memory);

/// The same for a whole kernel that has booted and done nothing yet; `file` is where the state
/// comes from. Throws InputError where the state is not one of this machine.
void take_up(const MachineState& state, const std::filesystem::path& file, Kernel& kernel);

/// The state as it is now.
MachineState take_state(const Memory& memory);

}  // namespace numasim
