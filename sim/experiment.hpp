#pragma once
// One run, from scenario to run directory: the seam between the command line and the simulation.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/progress.hpp"
#include "sim/results/run_directory.hpp"
#include "sim/scenario.hpp"

namespace numasim {

struct RunOptions {
  std::filesystem::path out;  // the run directory
  results::IfPresent if_present = results::IfPresent::refuse;
  std::optional<std::filesystem::path> save_state;  // state file to write at the end
  Progress progress = Progress::silent;             // lines on stderr while it runs
  std::vector<std::string> simgrid_args;            // "--cfg=..." and "--log=...", known to be good
  bool step_by_step = false;  // every event a step of SimGrid: slow, with the same results
  std::vector<std::string> command_line;            // for provenance.json
};

struct RunResult {
  int exit_code = 0;         // 1: every task waits for ever; 130: broken off by a signal
  std::string summary_text;  // one screen; with exit code 1, who waits for what
  nlohmann::ordered_json summary;  // what summary.json holds
};

/// Simulates a scenario as load_scenario returns it and writes the run directory. SimGrid allows
/// one call in a process. SIGINT and SIGTERM break the run off.
/// Ensures: with an exit code other than 0 there is no run directory, only what was written so far,
/// under its temporary name; after an exception nothing is left.
/// Throws InputError for what check_input_files objects to and for a state that does not fit the
/// machine, before anything is written; FileError and results::OutputError.
RunResult run_experiment(const Scenario& scenario, const RunOptions& options);

}  // namespace numasim
