#include "sim/run/trace_survey.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/hardware/raid0.hpp"
#include "sim/run/start_frames.hpp"
#include "sim/run/sysctls.hpp"
#include "sim/settings/machine_layout.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_reader.hpp"

namespace numasim {
namespace {

constexpr std::size_t kMostProblems = 100;

const CpusetConfig* find_cpuset(const Scenario& scenario, const std::string& name) {
  const auto found = std::ranges::find(scenario.cpusets, name, &CpusetConfig::name);
  return found == scenario.cpusets.end() ? nullptr : &*found;
}

Problem unknown_cpuset(const Scenario& scenario, const std::string& who,
                       const std::string& cpuset) {
  std::vector<std::string_view> names{"/"};
  for (const CpusetConfig& known : scenario.cpusets) names.push_back(known.name);
  return {.pointer = "/cpuset",
          .message = "task \"" + who + "\": the scenario has no cpuset \"" + cpuset + '"',
          .hint = did_you_mean(cpuset, names)};
}

/// What is wrong with a task on this machine, beyond what the trace checker sees.
std::optional<Problem> check_task(const Scenario& scenario, const trace::TaskDeclaration& task) {
  const auto& nodes = scenario.machine.nodes;
  for (const NodeId node : task.policy.nodes) {
    if (node.value >= nodes.size()) continue;  // the trace checker says so
    if (nodes[node.value].memory || !nodes[node.value].ranges.empty()) continue;
    return Problem{.pointer = "/policy",
                   .message = "task \"" + task.name + "\": its policy names node " +
                              std::to_string(node.value) + ", which has no memory"};
  }
  if (task.cpuset == "/") return std::nullopt;
  const CpusetConfig* cpuset = find_cpuset(scenario, task.cpuset);
  if (cpuset == nullptr) return unknown_cpuset(scenario, task.name, task.cpuset);
  const bool has_cpu = std::ranges::find(cpuset->cpus, int{task.cpu.value}) != cpuset->cpus.end();
  if (has_cpu || cpuset->cpus.empty()) return std::nullopt;
  return Problem{.pointer = "/cpu",
                 .message = "task \"" + task.name + "\": CPU " + std::to_string(task.cpu.value) +
                            " is not in its cpuset \"" + cpuset->name + '"'};
}

/// What an operation asks for that the simulated kernel does not have.
class OperationCheck {
 public:
  OperationCheck(const Scenario& scenario, const trace::TaskDeclaration& task)
      : scenario_(scenario), task_(task) {}

  std::optional<Problem> operator()(const trace::Map& map) const {
    constexpr PageCount kMost{std::int64_t{1} << 28};
    if (task_.kernel_thread) {
      return Problem{.pointer = "/op",
                     .message = "the kernel thread \"" + task_.name + "\" has no address space"};
    }
    if (map.length <= kMost) return check_device(map.device);
    return Problem{.pointer = "/pages",
                   .expected = "a region of at most 2^28 pages (1 TiB)",
                   .found = std::to_string(map.length.value)};
  }
  std::optional<Problem> operator()(const trace::Read& read) const {
    if (auto problem = check_device(read.device)) return problem;
    return check_extent(read.first + read.count);
  }
  std::optional<Problem> operator()(const trace::Write& write) const {
    if (auto problem = check_device(write.device)) return problem;
    return check_extent(write.first + write.count);
  }
  std::optional<Problem> operator()(const trace::Sysctl& sysctl) const {
    return problem_of(sysctl);
  }
  std::optional<Problem> operator()(const trace::ChangeCpuset& change) const {
    return check_cpuset(change.cpuset);
  }
  std::optional<Problem> operator()(const trace::MoveTask& move) const {
    return check_cpuset(move.cpuset);
  }
  template <class Other>
  std::optional<Problem> operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  std::optional<Problem> check_device(const std::string& name) const {
    if (name.empty() || device_named(scenario_.machine, name)) return std::nullopt;
    return Problem{.pointer = "/device",
                   .message = "the scenario has no disk \"" + name + '"',
                   .hint = did_you_mean(name, device_names(scenario_.machine))};
  }
  std::optional<Problem> check_cpuset(const std::string& name) const {
    if (name == "/" || find_cpuset(scenario_, name)) return std::nullopt;
    return unknown_cpuset(scenario_, task_.name, name);
  }
  static std::optional<Problem> check_extent(PageCount end) {
    constexpr PageCount kMost{std::int64_t{1} << 24};
    if (end <= kMost) return std::nullopt;
    return Problem{.pointer = "/pages",
                   .expected = "a file of at most 2^24 pages (64 GiB)",
                   .found = "its page " + std::to_string(end.value - 1)};
  }

  const Scenario& scenario_;
  const trace::TaskDeclaration& task_;
};

class Survey {
 public:
  Survey(const Scenario& scenario, const std::optional<MachineState>& start_state)
      : scenario_(scenario),
        reader_(scenario.workload.trace),
        checker_(trace::MachineLimits{static_cast<unsigned>(cpu_count(scenario.machine)),
                                      static_cast<unsigned>(scenario.machine.nodes.size())}) {
    if (start_state) start_frames_.emplace(*start_state);
  }

  TraceSurvey take() {
    TraceSurvey survey{.vm_stats_refresh = reader_.header().vm_stats_refresh, .tasks = {}};
    take_new_tasks(survey);
    while (problems_.size() < kMostProblems && take_one(survey)) {
    }
    if (!problems_.empty()) throw InputError(std::move(problems_));
    return survey;
  }

 private:
  /// One record; false at the end of the trace.
  bool take_one(TraceSurvey& survey) {
    try {
      const std::optional<trace::Record> record = reader_.next();
      take_new_tasks(survey);
      if (!record) return false;
      if (auto problem = check(*record)) note(std::move(*problem));
      TaskSurvey& task = survey.tasks[record->task];
      ++task.records;
      task.all_dated &= record->not_before.has_value();
    } catch (const InputError& error) {
      take_new_tasks(survey);
      problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
    }
    return true;
  }

  std::optional<Problem> check(const trace::Record& record) {
    if (auto problem = checker_.check(record, reader_.tasks())) return problem;
    const OperationCheck operation(scenario_, reader_.tasks()[record.task]);
    if (auto problem = std::visit(operation, record.operation)) return problem;
    const auto* free = std::get_if<trace::Free>(&record.operation);
    if (free == nullptr || !free->pfn) return std::nullopt;
    if (start_frames_) return start_frames_->take(*free);
    return Problem{.pointer = "/pfn",
                   .message = "the run starts from a boot: nothing is in use yet",
                   .hint = "name a state file in run.start_state"};
  }

  void take_new_tasks(TraceSurvey& survey) {
    while (survey.tasks.size() < reader_.tasks().size()) {
      const std::size_t index = survey.tasks.size();
      const trace::TaskDeclaration& task = reader_.tasks()[index];
      auto problem = checker_.check_task(task);
      if (!problem) problem = check_task(scenario_, task);
      if (problem) problems_.push_back(reader_.located_in_task(index, std::move(*problem)));
      survey.tasks.push_back({.declaration = task});
    }
  }

  void note(Problem problem) { problems_.push_back(reader_.located(std::move(problem))); }

  const Scenario& scenario_;
  trace::TraceReader reader_;
  trace::TraceChecker checker_;
  std::optional<StartFrames> start_frames_;
  std::vector<Problem> problems_;
};

}  // namespace

TraceSurvey survey_trace(const Scenario& scenario, const std::optional<MachineState>& start_state) {
  return Survey(scenario, start_state).take();
}

}  // namespace numasim
