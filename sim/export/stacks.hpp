#pragma once
// Where tasks stalled, as collapsed stacks: input for flame graphs.

#include <filesystem>
#include <string>

namespace numasim::exporting {

/// One line a stack, "task;outer;inner nanoseconds", in the order of the names. Stalls are the
/// intervals of tasks and daemons in events.csv; each nanosecond counts once, for the innermost
/// interval it lies in, so all lines together are the stall time of the run.
std::string collapsed_stacks(const std::filesystem::path& run);

}  // namespace numasim::exporting
