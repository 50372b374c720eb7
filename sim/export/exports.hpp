#pragma once
// Exports that need the run itself, not only its tables: it is carried out again.

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "sim/export/ftrace.hpp"
#include "sim/scenario.hpp"

namespace numasim::exporting {

/// Hands the lines of a trace on. One in a process. Throws as Rerun does.
void export_ftrace(const Scenario& scenario, FtraceFlavour flavour,
                   const std::function<void(std::string_view)>& put);

/// Snapshots of /proc and /sys in `folder`/T, T being the date in ns with leading zeros: at the
/// start, every `interval`, and at the end. Returns how many. One in a process. Throws as Rerun
/// does, and results::OutputError.
int export_proc(const Scenario& scenario, const std::filesystem::path& folder,
                SimDuration interval);

}  // namespace numasim::exporting
