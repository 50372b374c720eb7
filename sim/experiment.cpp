#include "sim/experiment.hpp"

#include <atomic>
#include <csignal>
#include <exception>
#include <utility>

#include "sim/progress.hpp"
#include "sim/results/event_log.hpp"
#include "sim/run/kernel_messages.hpp"
#include "sim/run/machine_state.hpp"
#include "sim/run/readings.hpp"
#include "sim/run/run_stats.hpp"
#include "sim/run/simulation.hpp"
#include "sim/settings/scenario_settings.hpp"
#include "workloads/state_file.hpp"

namespace numasim {
namespace {

constexpr int kExitDeadlock = 1;
constexpr int kExitInterrupted = 130;

/// While it lives, SIGINT and SIGTERM end the run at its next millisecond of simulated time. A
/// second signal ends the program at once.
class InterruptOnSignal {
 public:
  explicit InterruptOnSignal(SimMachine& machine) {
    machine_.store(&machine);
    struct sigaction action {};
    action.sa_handler = [](int) { machine_.load()->interrupt(); };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &interrupt_before_);
    sigaction(SIGTERM, &action, &terminate_before_);
  }
  ~InterruptOnSignal() {
    sigaction(SIGINT, &interrupt_before_, nullptr);
    sigaction(SIGTERM, &terminate_before_, nullptr);
  }
  InterruptOnSignal(const InterruptOnSignal&) = delete;
  InterruptOnSignal& operator=(const InterruptOnSignal&) = delete;

 private:
  static std::atomic<SimMachine*> machine_;
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
};
std::atomic<SimMachine*> InterruptOnSignal::machine_{nullptr};

std::optional<MachineState> read_start_state(const Scenario& scenario) {
  if (scenario.run.start_state.empty()) return std::nullopt;
  return read_state(scenario.run.start_state);
}

results::EventLog make_event_log(const results::MachineOutline& outline, Simulation& simulation,
                                 results::RunDirectory& directory) {
  results::EventLog log(
      outline, [&simulation] { return simulation.machine().now(); },
      [&directory](const results::EventRow& row) { directory.write(row); });
  for (const Simulation::Actor& actor : simulation.actors()) {
    log.name_task(actor.task.id, actor.task.name);
  }
  return log;
}

std::uint64_t records_of(const TraceSurvey& survey) {
  std::uint64_t records = 0;
  for (const TaskSurvey& task : survey.tasks) records += task.records;
  return records;
}

void sample(results::RunDirectory& directory, Simulation& simulation,
            const results::EventLog& log) {
  directory.sample(simulation.machine().now(), sample_zones(simulation.kernel().memory()),
                   sample_devices(simulation.machine()),
                   proc_vmstat(simulation.kernel().memory()), results::requests_so_far(log));
  directory.sample(simulation.machine().now(),
                   sample_cpusets(simulation.kernel().memory(), simulation.machine().now()));
}

/// Runs to the end, taking samples on the way. A sample that cannot be written ends the run; its
/// error waits here until the engine's own calls have returned.
RunEnd run_sampled(Simulation& simulation, results::RunDirectory& directory,
                   const results::EventLog& log, SimDuration interval, ProgressLine& progress) {
  SimMachine& machine = simulation.machine();
  std::exception_ptr trouble;
  sample(directory, simulation, log);
  machine.every(interval, [&] {
    try {
      sample(directory, simulation, log);
    } catch (const results::OutputError&) {
      trouble = std::current_exception();
      machine.interrupt();
    }
    progress.update(machine.now(), simulation.feed().records_read());
  });
  const InterruptOnSignal interrupt(machine);
  const RunEnd end = simulation.run();
  if (trouble) std::rethrow_exception(trouble);
  return end;
}

void write_state(const MachineState& state, const std::filesystem::path& file) {
  std::filesystem::path growing = file;
  growing += ".incomplete";
  results::OutputFile out(growing);
  out.text(to_json(state));
  out.close();
  std::filesystem::rename(growing, file);
}

/// A run that did not come to its end: what there is stays under its temporary name.
RunResult broken_off(const RunEnd& end, results::RunDirectory& directory) {
  RunResult result;
  result.exit_code = end.why == RunEnd::Why::deadlock ? kExitDeadlock : kExitInterrupted;
  if (end.deadlock) result.summary_text = end.deadlock->text();
  const std::filesystem::path kept = directory.leave_incomplete();
  result.summary_text += "numasim: broken off at " + std::to_string(to_ns(end.date)) +
                         " ns; incomplete results are in " + kept.string() + '\n';
  return result;
}

}  // namespace

RunResult run_experiment(const Scenario& scenario, const RunOptions& options) {
  const results::Provenance provenance = results::provenance_from_now(options.command_line);
  const std::optional<MachineState> start_state = read_start_state(scenario);
  const TraceSurvey survey = survey_trace(scenario, start_state);

  Simulation simulation(scenario, survey, options.simgrid_args);
  if (options.step_by_step) simulation.machine().step_by_step();
  Kernel& kernel = simulation.kernel();
  if (start_state) take_up(*start_state, scenario.run.start_state, kernel);

  const results::MachineOutline outline = outline_of(scenario.machine, kernel.memory());
  results::RunDirectory directory(options.out, options.if_present, outline,
                                  scenario_to_json(scenario).dump(2) + '\n',
                                  scenario.run.npy ? results::Npy::yes : results::Npy::no);
  results::EventLog log = make_event_log(outline, simulation, directory);
  KernelMessages messages(kernel);
  log.on_printk([&](const Task& by, const Event& event) {
    KernelMessage message = messages.at(by, event);
    directory.print(message.text(simulation.machine().now()));
    return std::move(message.lines);
  });
  kernel.memory().steps().listen(&log);
  const VmstatValues vmstat_at_start = proc_vmstat(kernel.memory());

  ProgressLine progress(options.progress, {records_of(survey), scenario.run.time_limit});
  const RunEnd end =
      run_sampled(simulation, directory, log, scenario.run.sample_interval, progress);
  kernel.memory().steps().listen(nullptr);
  kernel.validate();
  sample(directory, simulation, log);
  results::RunSummary summary{.scenario = scenario.name,
                              .seed = scenario.seed,
                              .end = end.date,
                              .ended_by = std::string(to_string(end.why)),
                              .panic = end.panic,
                              .outline = outline,
                              .events = log.finish(end.date),
                              .zones_at_end = directory.latest_zones(),
                              .devices = totals_of_devices(simulation.machine()),
                              .tasks = task_rows(simulation, end.date),
                              .locks = lock_rows(simulation),
                              .further = run_stats(simulation, vmstat_at_start)};
  if (end.why == RunEnd::Why::deadlock || end.why == RunEnd::Why::interrupted) {
    return broken_off(end, directory);
  }
  if (options.save_state) write_state(take_state(kernel.memory()), *options.save_state);
  directory.finish(summary, provenance);
  return {.exit_code = 0,
          .summary_text = results::summary_text(summary),
          .summary = nlohmann::ordered_json::parse(results::summary_json(summary))};
}

}  // namespace numasim
