#pragma once
// Runs a sweep: each of its runs in a process of its own, into one directory.

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/plan.hpp"
#include "sim/sweep/results_table.hpp"
#include "sim/sweep/slurm.hpp"
#include "sim/sweep/sweep_directory.hpp"

namespace numasim::sweep {

/// Part `index` (from 1) of `count`: every count-th run. Together the parts are all runs.
struct Shard {
  std::size_t index = 1;
  std::size_t count = 1;
};

/// What to do with runs that are there already.
enum class Earlier {
  refuse,   // a directory that holds anything is left alone
  resume,   // those that are ok stay, missing and failed ones are run
  replace,  // all are run again
};

struct SweepOptions {
  std::filesystem::path out;
  unsigned jobs = 1;
  Shard shard;
  std::optional<std::size_t> only_point;  // its runs and no others
  Earlier earlier = Earlier::refuse;
  std::optional<std::chrono::nanoseconds> timeout;  // of one run, wall clock
  enum class OnFailure { go_on, stop } on_failure = OnFailure::go_on;
  std::vector<std::string> simgrid_args;
  std::vector<std::string> command_line;  // for provenance.json
};

/// What the caller wants to hear and has to give.
struct SweepCallbacks {
  /// Calls what it is given in a child and turns its exceptions into a message and an exit code.
  std::function<int(const std::function<int()>&)> guarded;
  /// After each run: how it ended; how many of the shard's runs are left.
  std::function<void(const PlannedRun&, RunState, std::size_t left)> ended;
};

struct SweepResult {
  Tally tally;                 // of the shard's runs; ones that did not start are missing
  std::size_t reused = 0;      // ok before
  bool interrupted = false;    // by a signal
  bool table_written = false;  // results.csv: once no run of the whole sweep is missing
};

/// Runs what is to be run. No run that fails, crashes or hangs keeps another from running. Throws
/// results::OutputError, and InputError for a metric no run has.
SweepResult run_sweep(const SweepPlan& plan, const SweepOptions& options,
                      const SweepCallbacks& callbacks);

/// Prepares the sweep's directory and writes slurm.sh into it; returns its path. Throws
/// results::OutputError.
std::filesystem::path write_slurm_script(const SweepPlan& plan, Earlier earlier,
                                         const SlurmJob& job);

}  // namespace numasim::sweep
