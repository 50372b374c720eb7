#pragma once
// Tables of what lies in directories: the shards of a sweep, or runs of any kind.

#include <filesystem>
#include <string>
#include <vector>

#include "sim/sweep/results_table.hpp"

namespace numasim::sweep {

/// The table of a sweep whose runs lie in any of `directories`. Throws InputError if they hold
/// parts of different sweeps, FileError if one is no sweep's directory.
ResultsTable collect_sweep(const std::vector<std::filesystem::path>& directories);

/// A table of run directories: one row each, with the settings in which they differ and every
/// number of their summaries. Throws InputError, FileError.
ResultsTable collect_runs(const std::vector<std::filesystem::path>& directories);

/// True if a run, complete or not, lies there rather than a sweep.
bool is_run_directory(const std::filesystem::path& directory);

}  // namespace numasim::sweep
