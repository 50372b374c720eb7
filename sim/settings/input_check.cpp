#include "sim/settings/input_check.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "sim/settings/machine_layout.hpp"
#include "workloads/state_file.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_reader.hpp"

namespace numasim {
namespace {

constexpr std::size_t kMostProblems = 100;

/// One pass over a trace.
class TraceCheck {
 public:
  /// `scenario` is null for a trace without a machine.
  TraceCheck(const std::filesystem::path& file, const Scenario* scenario)
      : reader_(file), checker_(limits_of(scenario)), scenario_(scenario) {}

  std::vector<Problem> problems() {
    check_new_tasks();  // those of the header, while that is the line problems point at
    while (problems_.size() < kMostProblems && check_next()) {
    }
    return std::move(problems_);
  }

 private:
  static std::optional<trace::MachineLimits> limits_of(const Scenario* scenario) {
    if (scenario == nullptr) return std::nullopt;
    return trace::MachineLimits{.cpus = static_cast<unsigned>(cpu_count(scenario->machine)),
                                .nodes = static_cast<unsigned>(scenario->machine.nodes.size())};
  }

  /// False at the end.
  bool check_next() {
    try {
      const auto record = reader_.next();
      check_new_tasks();
      if (!record) return false;
      if (auto problem = checker_.check(*record, reader_.tasks()))
        problems_.push_back(reader_.located(std::move(*problem)));
    } catch (const InputError& error) {
      problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
    }
    return true;
  }

  void check_new_tasks() {
    for (; tasks_checked_ < reader_.tasks().size(); ++tasks_checked_)
      if (scenario_ != nullptr) check_cpuset_of(reader_.tasks()[tasks_checked_]);
  }

  void check_cpuset_of(const trace::TaskDeclaration& task) {
    if (task.cpuset == "/") return;
    const auto& sets = scenario_->cpusets;
    const auto set = std::find_if(sets.begin(), sets.end(), [&](const CpusetConfig& each) {
      return each.name == task.cpuset;
    });
    const std::string who = "task \"" + task.name + "\"";
    if (set == sets.end()) {
      std::vector<std::string_view> names{"/"};
      for (const CpusetConfig& each : sets) names.push_back(each.name);
      add({.message = who + ": the scenario has no cpuset \"" + task.cpuset + '"',
           .hint = did_you_mean(task.cpuset, names)});
    } else if (std::find(set->cpus.begin(), set->cpus.end(), task.cpu.value) == set->cpus.end()) {
      add({.message = who + ": CPU " + std::to_string(task.cpu.value) + " is not in its cpuset \"" +
                      task.cpuset + '"'});
    }
  }

  void add(Problem problem) { problems_.push_back(reader_.located(std::move(problem))); }

  trace::TraceReader reader_;
  trace::TraceChecker checker_;
  const Scenario* scenario_;
  std::size_t tasks_checked_ = 0;
  std::vector<Problem> problems_;
};

void throw_if_any(std::vector<Problem> problems) {
  if (!problems.empty()) throw InputError(std::move(problems));
}

}  // namespace

void check_input_files(const Scenario& scenario) {
  if (!scenario.run.start_state.empty()) read_state(scenario.run.start_state);
  throw_if_any(TraceCheck(scenario.workload.trace, &scenario).problems());
}

void check_trace(const std::filesystem::path& trace) {
  throw_if_any(TraceCheck(trace, nullptr).problems());
}

}  // namespace numasim
