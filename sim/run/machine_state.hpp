#pragma once
// A machine's memory from and to a state file. The allocator's lists and counters are in it; the
// LRU lists, page cache and address spaces are not: what they hold is in use, by nobody.

#include <vector>

#include "allocator/memory.hpp"
#include "workloads/input_error.hpp"
#include "workloads/state.hpp"

namespace numasim {

/// What keeps a booted machine from taking up a state: zones, pageblocks or CPUs that differ.
std::vector<Problem> misfits_of(const MachineState& state, const Memory& memory);

/// Gives a freshly booted memory the free lists, pagesets, counters and watermarks of `state`.
/// Requires: no misfits.
void restore(const MachineState& state, Memory& memory);

/// The state as it is now.
MachineState take_state(const Memory& memory);

}  // namespace numasim
