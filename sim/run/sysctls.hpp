#pragma once
// The files below /proc/sys/vm that a trace may write while the machine runs.

#include <optional>
#include <string>
#include <vector>

#include "allocator/kernel.hpp"
#include "workloads/input_error.hpp"
#include "workloads/trace.hpp"

namespace numasim {

/// What is wrong with the name or the values, with a JSON pointer into the record.
std::optional<Problem> problem_of(const trace::Sysctl& sysctl);

/// Writes it, in the name of `by`. Requires: no problem. Suspends, where the kernel does work.
void write_sysctl(Kernel& kernel, Task& by, const trace::Sysctl& sysctl);

/// All of them by name.
std::vector<std::string_view> sysctl_names();

}  // namespace numasim
