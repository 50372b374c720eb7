#pragma once
// What the commands that run sweeps have in common: their options, and what they tell meanwhile.

#include "sim/cli/arguments.hpp"
#include "sim/cli/commands.hpp"
#include "sim/sweep/sweep.hpp"

namespace numasim::cli {

inline constexpr unsigned kMostJobs = 1024;

inline constexpr Option kJobsOption{.name = "jobs",
                                    .argument = "N",
                                    .help = "runs at once",
                                    .otherwise = "the CPUs there are",
                                    .letter = 'j'};
inline constexpr Option kTimeoutOption{
    .name = "timeout", .argument = "TIME", .help = "end a run that takes longer, as in 90s"};
inline constexpr Option kBaseSetOption{.name = "set",
                                       .argument = "PATH=VALUE",
                                       .help = "change a setting of the base scenario",
                                       .repeatable = true};
inline constexpr Option kFirstSeedOption{
    .name = "seed", .argument = "N", .help = "seed of repeat 0", .otherwise = "the scenario's"};

/// --jobs, or the CPUs there are. Throws UsageError.
unsigned jobs_from(const Arguments& arguments);

/// The plan of the sweep in the file that is the operand, with --set and --seed.
sweep::SweepPlan plan_from(const Arguments& arguments);

/// --jobs, --timeout, --resume, --force, --out (otherwise `folder`/NAME), --simgrid. Throws
/// UsageError.
sweep::SweepOptions sweep_options_from(const Arguments& arguments, const sweep::SweepPlan& plan,
                                       const std::string& folder, const std::string& command,
                                       const Args& args);

/// Tells of failed runs as they come and how many are left, the latter to a terminal only.
class SweepNarrator {
 public:
  SweepNarrator(const Arguments& arguments, const sweep::SweepOptions& options);
  ~SweepNarrator() { clear(); }
  SweepNarrator(const SweepNarrator&) = delete;
  SweepNarrator& operator=(const SweepNarrator&) = delete;

  sweep::SweepCallbacks callbacks();
  /// Takes the progress off the terminal.
  void clear();

 private:
  void ended(const sweep::PlannedRun& run, sweep::RunState state, std::size_t left);

  sweep::SweepDirectory out_;
  bool show_progress_;
  bool shown_ = false;
};

}  // namespace numasim::cli
