#include "sim/validation/prediction.hpp"

#include <nlohmann/json.hpp>

#include "allocator/kernel.hpp"
#include "sim/conform/machine/recorded_kernel.hpp"
#include "sim/hardware/sim_machine.hpp"
#include "sim/results/event_log.hpp"
#include "sim/results/run_directory.hpp"
#include "sim/run/daemons.hpp"
#include "sim/run/machine_state.hpp"
#include "sim/run/readings.hpp"
#include "sim/run/swap_areas.hpp"
#include "sim/settings/scenario_settings.hpp"
#include "sim/validation/programs/programs.hpp"
#include "sim/validation/recorded_costs.hpp"
#include "sim/validation/recorded_machine.hpp"
#include "sim/validation/residents.hpp"
#include "sim/validation/simulated_account.hpp"

namespace numasim::validation {
namespace {

constexpr TaskId kFirstDaemon{10'000};
constexpr SimTime kLimit{SimDuration{1200s}};

Scenario scenario_of(const Recording& recording) {
  Scenario scenario;
  scenario.name = recording.name;
  scenario.description = "prediction of a recording";
  scenario.machine = machine_of(recording);
  scenario.kernel = kernel_of(recording);
  scenario.costs = recorded_costs();
  scenario.run.sample_interval = 20ms;
  scenario.run.time_limit = kLimit.time_since_epoch();
  return scenario;
}

/// The simulated system of one recording.
class Stage {
 public:
  Stage(const Recording& recording, const Scenario& scenario)
      : recording_(recording),
        machine_(scenario.machine, scenario.kernel.hz, scenario.costs.context_switch),
        kernel_(conform::recorded_layout(recording.console, recording.dump), scenario.kernel,
                scenario.costs, machine_, scenario.seed),
        daemons_(machine_, kernel_, kFirstDaemon) {
    machine_.share_one_clock();  // the recordings come from an emulator
    machine_.set_listener(&kernel_);
    machine_.observe(&kernel_.memory().steps());
    make_swap_areas(scenario.machine, kernel_);
    take_up(recording.dump.state, recording.folder / "dump0.tsv.gz", kernel_);
    daemons_.start_reclaim();
    daemons_.start_vm_stats_refresh();
  }

  SimMachine& machine() { return machine_; }
  Kernel& kernel() { return kernel_; }

  /// Runs the workload to its end.
  RunEnd run(Crew& crew) {
    const Parameters& parameters = recording_.parameters;
    crew.start_parent([this, &crew, &parameters](Process& parent) {
      move_residents_in(crew, parent, recording_.dump.state, recording_.outset.lru);
      crew.account().look_at_nodes("begin");
      show_the_rest(crew, parent);
      machine_.sleep_until(parent.task, begin_of_account());
      crew.account().begin();
      crew.account().mark(1);
      if (parameters.scenario() == "fault") {
        run_faults(crew, parent, recording_);
      } else {
        workload_of(parameters)(crew, parent, parameters);
      }
    });
    return machine_.run(kLimit);
  }

 private:
  /// The recorded kernel showed its nodes one after the other: counters of the first, then three
  /// more files of it and four of each other.
  void show_the_rest(Crew& crew, Process& parent) {
    const std::size_t files = 4 * kernel_.memory().nodes().size() - 1;
    for (std::size_t file = 0; file < files; ++file) show_file(crew, parent);
  }

  /// As long after boot as the recording began, to the tick and with the same time to the next.
  SimTime begin_of_account() const {
    const SimDuration tick = SimDuration{1s} / recording_.dump.hz;
    const SimDuration ticks = recording_.outset.uptime / tick * tick;
    return SimTime{ticks + tick - recording_.outset.tick_phase};
  }

  const Recording& recording_;
  SimMachine machine_;
  Kernel kernel_;
  Daemons daemons_;
};

}  // namespace

std::optional<std::string> cannot_predict(const Recording& recording) {
  const Parameters& parameters = recording.parameters;
  if (parameters.scenario() != "fault" && !workload_of(parameters))
    return "no program for scn=" + parameters.scenario();
  return std::nullopt;
}

Prediction predict(const Recording& as_recorded, const Variation& variation,
                   const std::filesystem::path& run_directory,
                   const std::vector<std::string>& command_line) {
  const Recording recording = variation.applied_to(as_recorded);
  const results::Provenance provenance = results::provenance_from_now(command_line);
  Scenario scenario = scenario_of(recording);
  scenario.run.sample_interval = variation.sample_jiffies * SimDuration{1s} / scenario.kernel.hz;
  Stage stage(recording, scenario);
  Kernel& kernel = stage.kernel();
  SimMachine& machine = stage.machine();

  const results::MachineOutline outline = outline_of(scenario.machine, kernel.memory());
  results::RunDirectory directory(run_directory, results::IfPresent::replace, outline,
                                  scenario_to_json(scenario).dump(2) + '\n');
  results::EventLog log(
      outline, [&machine] { return machine.now(); },
      [&directory](const results::EventRow& row) { directory.write(row); });
  AccountKeeper account(machine, kernel, &log);
  kernel.memory().steps().listen(&account);
  const auto sample = [&] {
    account.look();
    directory.sample(machine.now(), sample_zones(kernel.memory()), sample_devices(machine),
                     proc_vmstat(kernel.memory()), results::requests_so_far(log));
  };
  sample();
  machine.every(scenario.run.sample_interval, sample);

  const bool older = scenario.kernel.era == Era::linux_2_6_22;
  Crew crew(machine, kernel, account, older ? Crew::Timers::ticks : Crew::Timers::high_resolution,
            recording.outset.first_child);
  const RunEnd end = stage.run(crew);
  kernel.memory().steps().listen(nullptr);
  kernel.validate();
  sample();
  Prediction prediction{account.finish(), {}};
  if (end.why != RunEnd::Why::finished)
    prediction.notes.push_back("the run ended by " + std::string(to_string(end.why)) + " after " +
                               std::to_string(to_ns(end.date) / 1'000'000) + " ms");
  for (const std::string& key : recording.parameters.unused())
    prediction.notes.push_back("nothing takes notice of " + key);
  if (end.deadlock) prediction.notes.push_back(end.deadlock->text());
  directory.finish({.scenario = recording.name,
                    .seed = scenario.seed,
                    .end = end.date,
                    .ended_by = std::string(to_string(end.why)),
                    .outline = outline,
                    .events = log.finish(end.date),
                    .zones_at_end = directory.latest_zones(),
                    .devices = totals_of_devices(machine),
                    .tasks = {},
                    .further = {}},
                   provenance);
  return prediction;
}

}  // namespace numasim::validation
