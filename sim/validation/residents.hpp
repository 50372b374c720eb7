#pragma once
// What stands on the LRU lists when a recording begins: the memory of the first process.

#include <vector>

#include "sim/validation/programs/crew.hpp"
#include "sim/validation/recording.hpp"
#include "workloads/state.hpp"

namespace numasim::validation {

/// Makes that many pages, which the start state holds in use by nobody, anonymous memory of
/// `parent`. The free lists stay as they are: each page is given back and taken again at once.
/// Differs from the recording: which of the pages in use they are, and that some were file pages
/// of a file system in memory; without swap, neither can be reclaimed. Suspends.
void move_residents_in(Crew& crew, Process& parent, const MachineState& state,
                       const std::vector<LruPages>& pages);

}  // namespace numasim::validation
