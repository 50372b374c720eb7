// Checks of the records that change settings.

#include <algorithm>

#include "workloads/trace_checker.hpp"

namespace numasim::trace {

TraceChecker::Verdict TraceChecker::check_nodes(const std::vector<NodeId>& nodes,
                                                const std::string& pointer) const {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string place = pointer + '/' + std::to_string(i);
    if (auto problem = check_node(nodes[i], place.c_str())) return problem;
  }
  return std::nullopt;
}

TraceChecker::Verdict TraceChecker::check_task_name(const std::string& name,
                                                    const char* pointer) const {
  if (name.empty() || std::ranges::find(names_, name) != names_.end()) return std::nullopt;
  const std::vector<std::string_view> known(names_.begin(), names_.end());
  return Problem{.pointer = pointer,
                 .expected = "a task declared before",
                 .found = '"' + name + '"',
                 .hint = did_you_mean(name, known)};
}

TraceChecker::Verdict TraceChecker::check_region(const std::string& region,
                                                 const TaskState& task) const {
  if (task.regions.contains(region)) return std::nullopt;
  std::vector<std::string_view> mapped;
  for (const auto& [name, length] : task.regions) mapped.push_back(name);
  return Problem{.pointer = "/region",
                 .expected = "a region this task has mapped",
                 .found = '"' + region + '"',
                 .hint = did_you_mean(region, mapped)};
}

TraceChecker::Verdict TraceChecker::check(const ChangeCpuset& change, TaskState&) {
  if (change.memory_pressure_enabled && change.cpuset != "/")
    return Problem{.pointer = "/memory_pressure_enabled",
                   .message = "only the root cpuset has memory_pressure_enabled"};
  if (change.mems) {
    if (auto problem = check_nodes(*change.mems, "/mems")) return problem;
  }
  if (!machine_ || !change.cpus) return std::nullopt;
  for (const CpuId cpu : *change.cpus) {
    if (cpu.value >= machine_->cpus)
      return Problem{.pointer = "/cpus",
                     .expected = "CPUs of the machine, which has " + std::to_string(machine_->cpus),
                     .found = std::to_string(cpu.value)};
  }
  return std::nullopt;
}

TraceChecker::Verdict TraceChecker::check(const MoveTask& move, TaskState&) {
  return check_task_name(move.who, "/who");
}

TraceChecker::Verdict TraceChecker::check(const SetMempolicy& set, TaskState&) {
  return check_policy(set.policy, "/policy");
}

TraceChecker::Verdict TraceChecker::check(const Mbind& mbind, TaskState& task) {
  if (auto problem = check_region(mbind.region, task)) return problem;
  return check_policy(mbind.policy, "/policy");
}

TraceChecker::Verdict TraceChecker::check(const MigratePages& migrate, TaskState&) {
  if (auto problem = check_task_name(migrate.who, "/who")) return problem;
  if (auto problem = check_nodes(migrate.from, "/from")) return problem;
  return check_nodes(migrate.to, "/to");
}

TraceChecker::Verdict TraceChecker::check(const OomAdj& adj, TaskState&) {
  return check_task_name(adj.who, "/who");
}

TraceChecker::Verdict TraceChecker::check(const Nice& nice, TaskState&) {
  return check_task_name(nice.who, "/who");
}

TraceChecker::Verdict TraceChecker::check(const Wait& wait, TaskState& task) {
  if (auto problem = check_task_name(wait.who, "/who")) return problem;
  const auto index = static_cast<std::size_t>(&task - tasks_.data());
  if (names_[index] != wait.who) return std::nullopt;
  return Problem{.pointer = "/who", .message = "a task cannot wait for itself"};
}

}  // namespace numasim::trace
