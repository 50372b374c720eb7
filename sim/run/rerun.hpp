#pragma once
// A scenario carried out for whoever wants to look on, without a run directory.

#include <functional>
#include <optional>
#include <string>

#include "sim/run/simulation.hpp"
#include "workloads/state.hpp"

namespace numasim {

/// The same scenario gives the same steps at the same dates as `numasim run` does, whoever looks
/// on. One in a process, as Simulation.
class Rerun {
 public:
  /// Booted, nothing started. The scenario must outlive it. Throws as run_experiment does for
  /// what is wrong with trace or state.
  explicit Rerun(const Scenario& scenario);

  Simulation& simulation() { return simulation_; }
  const Scenario& scenario() const { return scenario_; }

  /// `at_sample` is called where a run takes its samples: at the start, at each interval, and at
  /// the end.
  RunEnd run(
      Observer& observer, Steps::Detail detail, const std::function<void()>& at_sample = [] {});

 private:
  const Scenario& scenario_;
  std::optional<MachineState> start_state_;
  TraceSurvey survey_;
  Simulation simulation_;
};

/// What `run` returns in a child process, which may make a Rerun of its own; nothing if the child
/// does not come to its end. What the child says on stderr is seen.
std::optional<std::string> in_child_process(const std::function<std::string()>& run);

}  // namespace numasim
