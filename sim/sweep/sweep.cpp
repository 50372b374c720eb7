#include "sim/sweep/sweep.hpp"

#include <iostream>
#include <set>
#include <utility>

#include "sim/experiment.hpp"
#include "sim/results/output_file.hpp"
#include "sim/sweep/child_pool.hpp"

namespace numasim::sweep {
namespace {

void check_place(const SweepDirectory& directory, Earlier earlier) {
  if (directory.holds_nothing()) return;
  const auto fail = [&directory](const std::string& why) {
    throw results::OutputError("cannot write " + directory.path().string() + ": " + why);
  };
  if (!directory.holds_sweep()) fail("it holds other files than a sweep's; choose another --out");
  if (earlier == Earlier::refuse)
    fail(
        "it exists; add --resume to go on with it, --force to run everything again, or choose "
        "another --out");
}

/// The shard's runs. Points that come to the same scenario share one run, which is counted once.
std::vector<const PlannedRun*> runs_of(const SweepPlan& plan, const SweepOptions& options) {
  const Shard shard = options.shard;
  std::vector<const PlannedRun*> runs;
  std::set<std::string_view> seen;
  for (const PlannedRun& run : plan.runs()) {
    if (options.only_point && run.point != *options.only_point) continue;
    if (!seen.insert(run.id).second) continue;
    if ((seen.size() - 1) % shard.count == shard.index - 1) runs.push_back(&run);
  }
  return runs;
}

int run_in_child(const SweepPlan& plan, const PlannedRun& run, const SweepDirectory& directory,
                 const SweepOptions& options) {
  const bool done = directory.state_of(run.id) == RunState::ok;
  if (done && options.earlier != Earlier::replace) return 0;
  directory.forget_run(run.id);  // it would belie this one, should it fail
  RunOptions settings;
  settings.out = directory.run(run.id);
  settings.if_present = results::IfPresent::replace;
  settings.simgrid_args = options.simgrid_args;
  settings.command_line = options.command_line;
  const RunResult result = run_experiment(plan.scenario_of(run, directory.traces()), settings);
  if (result.exit_code != 0) std::cerr << result.summary_text;
  return result.exit_code;
}

RunState state_after(const SweepDirectory& directory, const std::string& id, ChildEnd end) {
  switch (end.how) {
    case ChildEnd::How::exited:
      if (end.code == 0 && directory.state_of(id) == RunState::ok) return RunState::ok;
      return RunState::failed;
    case ChildEnd::How::killed_by_signal:
      return RunState::crashed;
    case ChildEnd::How::timed_out:
      return RunState::timed_out;
    case ChildEnd::How::interrupted:
      break;
  }
  return RunState::missing;
}

void note(const SweepDirectory& directory, const std::string& id, RunState state, int code) {
  if (state == RunState::ok) {
    directory.forget_failure(id);
    directory.drop_empty_log(id);
  } else if (state != RunState::missing) {
    directory.note_failure(id, state, code);
  }
}

Tally tally_of(const SweepPlan& plan, const std::map<std::string_view, RunState>& states) {
  Tally tally;
  for (const PlannedRun& run : plan.runs())
    if (const auto state = states.find(run.id); state != states.end()) tally.count(state->second);
  return tally;
}

bool all_settled(const SweepPlan& plan, const SweepDirectory& directory) {
  for (const PlannedRun& run : plan.runs())
    if (directory.state_of(run.id) == RunState::missing) return false;
  return true;
}

}  // namespace

SweepResult run_sweep(const SweepPlan& plan, const SweepOptions& options,
                      const SweepCallbacks& callbacks) {
  const SweepDirectory directory(options.out);
  check_place(directory, options.earlier);
  directory.prepare(manifest_of(plan));

  SweepResult result;
  std::map<std::string_view, RunState> states;
  std::vector<const PlannedRun*> to_run;
  for (const PlannedRun* run : runs_of(plan, options)) {
    const bool done =
        options.earlier == Earlier::resume && directory.state_of(run->id) == RunState::ok;
    states[run->id] = done ? RunState::ok : RunState::missing;
    if (done) ++result.reused;
    if (!done) to_run.push_back(run);
  }

  std::size_t left = to_run.size();
  const ChildWork work{.count = to_run.size(),
                       .at_once = options.jobs,
                       .timeout = options.timeout,
                       .run =
                           [&](std::size_t i) {
                             return callbacks.guarded([&] {
                               return run_in_child(plan, *to_run[i], directory, options);
                             });
                           },
                       .log = [&](std::size_t i) { return directory.log(to_run[i]->id); },
                       .ended =
                           [&](std::size_t i, ChildEnd end) {
                             const std::string& id = to_run[i]->id;
                             const RunState state = state_after(directory, id, end);
                             note(directory, id, state, end.code);
                             states[id] = state;
                             callbacks.ended(*to_run[i], state, --left);
                             return state == RunState::ok ||
                                    options.on_failure == SweepOptions::OnFailure::go_on;
                           }};
  result.interrupted = !work_in_children(work);
  result.tally = tally_of(plan, states);
  if (result.interrupted || options.only_point || !all_settled(plan, directory)) return result;
  const ResultsTable table = make_results_table(manifest_of(plan), {&directory, 1});
  write_whole_file(directory.results(), table.csv);
  result.table_written = true;
  return result;
}

std::filesystem::path write_slurm_script(const SweepPlan& plan, Earlier earlier,
                                         const SlurmJob& job) {
  const SweepDirectory directory(job.directory);
  check_place(directory, earlier);
  directory.prepare(manifest_of(plan));
  std::error_code error;
  std::filesystem::create_directories(job.directory / "slurm", error);
  if (error)
    throw results::OutputError("cannot write " + (job.directory / "slurm").string() + ": " +
                               error.message());
  const std::filesystem::path script = job.directory / "slurm.sh";
  write_whole_file(script, slurm_script(job));
  return script;
}

}  // namespace numasim::sweep
