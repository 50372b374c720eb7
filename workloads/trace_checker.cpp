#include "workloads/trace_checker.hpp"

#include <algorithm>
#include <utility>

#include "workloads/trace_reader.hpp"

namespace numasim::trace {
namespace {

constexpr std::size_t kMostRemembered = std::size_t{1} << 16;

std::string range_text(unsigned count) {
  return count == 1 ? "0" : "0 to " + std::to_string(count - 1);
}

}  // namespace

std::optional<Problem> TraceChecker::check(const Record& record,
                                           const std::vector<TaskDeclaration>& tasks) {
  tasks_.resize(tasks.size());
  while (names_.size() < tasks.size()) names_.push_back(tasks[names_.size()].name);
  TaskState& task = tasks_[record.task];
  if (task.has_exited) {
    return Problem{.pointer = "/task",
                   .message = "the task \"" + tasks[record.task].name + "\" has exited before"};
  }
  return std::visit([&](const auto& operation) { return check(operation, task); },
                    record.operation);
}

TraceChecker::Verdict TraceChecker::check_task(const TaskDeclaration& task) {
  auto problem = check_task_name(task.parent, "/parent");
  if (!problem) problem = check_task_name(task.mm_of, "/mm_of");
  if (std::ranges::find(names_, task.name) == names_.end()) names_.push_back(task.name);
  if (machine_ && task.cpu.value >= machine_->cpus) {
    return Problem{.pointer = "/cpu",
                   .expected = "a CPU of the machine, " + range_text(machine_->cpus),
                   .found = std::to_string(task.cpu.value)};
  }
  if (!problem) problem = check_scheduling(task);
  return problem ? problem : check_policy(task.policy, "/policy");
}

TraceChecker::Verdict TraceChecker::check_scheduling(const TaskDeclaration& task) const {
  for (const CpuId cpu : task.cpus)
    if (machine_ && cpu.value >= machine_->cpus)
      return Problem{.pointer = "/cpus",
                     .expected = "CPUs of the machine, " + range_text(machine_->cpus),
                     .found = std::to_string(cpu.value)};
  if (!task.cpus.empty() && std::ranges::find(task.cpus, task.cpu) == task.cpus.end())
    return Problem{.pointer = "/cpus",
                   .message = "the task begins on CPU " + std::to_string(task.cpu.value) +
                              ", which is not among them"};
  if (task.rt_priority != 0 && !task.realtime)
    return Problem{.pointer = "/rt_priority",
                   .message = "a priority for a task that is not real-time",
                   .hint = "add \"realtime\": true"};
  return std::nullopt;
}

TraceChecker::Verdict TraceChecker::check_node(NodeId node, const char* pointer) const {
  if (!machine_ || node.value < machine_->nodes) return std::nullopt;
  return Problem{.pointer = pointer,
                 .expected = "a node of the machine, " + range_text(machine_->nodes),
                 .found = std::to_string(node.value)};
}

TraceChecker::Verdict TraceChecker::check_policy(const Policy& policy, const char* pointer) const {
  for (NodeId node : policy.nodes) {
    if (auto problem = check_node(node, pointer)) return problem;
  }
  return std::nullopt;
}

TraceChecker::Verdict TraceChecker::check(const Alloc& alloc, TaskState&) {
  if (alloc.node) {
    if (auto problem = check_node(*alloc.node, "/node")) return problem;
  }
  const std::uint64_t unused = live_.leading_gaps(alloc.id, alloc.count);
  if (unused < alloc.count) {
    return Problem{.pointer = "/id",
                   .expected = "an id that is not in use",
                   .found = std::to_string(alloc.id + unused),
                   .hint = "an id is used again only after its free"};
  }
  live_.add(alloc.id, alloc.count);
  if (ever_.intervals() < kMostRemembered) {
    if (ever_.leading_gaps(alloc.id, alloc.count) == alloc.count) ever_.add(alloc.id, alloc.count);
  }
  return std::nullopt;
}

TraceChecker::Verdict TraceChecker::check(const Free& free, TaskState&) {
  if (free.pfn) {
    if (!freed_frames_.contains(free.pfn->value)) {
      freed_frames_.add(free.pfn->value, 1);
      return std::nullopt;
    }
    return Problem{.pointer = "/pfn",
                   .message = "this block of the start state is freed already",
                   .hint = "blocks allocated by the trace are freed by their id"};
  }
  const std::uint64_t allocated = live_.leading_members(free.id, free.count);
  if (allocated == free.count) {
    live_.remove(free.id, free.count);
    return std::nullopt;
  }
  const std::uint64_t missing = free.id + allocated;
  const bool was_allocated = ever_.contains(missing);
  return Problem{.pointer = "/id",
                 .expected = "the id of an allocated block",
                 .found = std::to_string(missing),
                 .hint = was_allocated ? "it is freed already" : "no alloc before has this id"};
}

TraceChecker::Verdict TraceChecker::check(const Map& map, TaskState& task) {
  if (map.policy) {
    if (auto problem = check_policy(*map.policy, "/policy")) return problem;
  }
  if (!map.file.empty()) {
    if (auto problem = check_file(map.file, map.device)) return problem;
  }
  const bool is_new = task.regions.try_emplace(map.region, map.length).second;
  if (is_new) return std::nullopt;
  return Problem{.pointer = "/region",
                 .expected = "a region that is not mapped",
                 .found = '"' + map.region + '"',
                 .hint = "unmap it first"};
}

TraceChecker::Verdict TraceChecker::check(const Touch& touch, TaskState& task) {
  if (auto problem = check_region(touch.region, task)) return problem;
  const auto region = task.regions.find(touch.region);
  const PageCount end = touch.first + touch.count;
  if (end <= region->second) return std::nullopt;
  return Problem{.pointer = "/pages",
                 .message = "touches page " + std::to_string(end.value - 1) + " of a region of " +
                            std::to_string(region->second.value) + " pages"};
}

TraceChecker::Verdict TraceChecker::check(const Read& read, TaskState&) {
  return check_file(read.file, read.device);
}

TraceChecker::Verdict TraceChecker::check(const Write& write, TaskState&) {
  return check_file(write.file, write.device);
}

TraceChecker::Verdict TraceChecker::check_file(const std::string& file, const std::string& device) {
  const auto [known, is_new] = device_of_.try_emplace(file, device);
  if (is_new || device.empty() || known->second == device) return std::nullopt;
  const std::string where = known->second.empty() ? "the first disk" : '"' + known->second + '"';
  return Problem{.pointer = "/device",
                 .message = "the file \"" + file + "\" lies on " + where +
                            " since its first record",
                 .hint = "name the device in the first record of the file"};
}

TraceChecker::Verdict TraceChecker::check(const Unmap& unmap, TaskState& task) {
  if (auto problem = check_region(unmap.region, task)) return problem;
  task.regions.erase(unmap.region);
  return std::nullopt;
}

TraceChecker::Verdict TraceChecker::check(const Exit&, TaskState& task) {
  task.has_exited = true;
  task.regions.clear();
  return std::nullopt;
}

TraceChecker::Verdict TraceChecker::check(const TrimPageset& trim, TaskState&) {
  return check_node(trim.node, "/node");
}

std::vector<Problem> problems_of_trace(const std::filesystem::path& file,
                                       std::optional<MachineLimits> machine, std::size_t most,
                                       const FurtherCheck& further) {
  std::vector<Problem> problems;
  TraceReader reader(file);
  TraceChecker checker(machine);
  std::size_t tasks = 0;
  const auto check_new_tasks = [&] {
    for (; tasks < reader.tasks().size() && problems.size() < most; ++tasks) {
      auto problem = checker.check_task(reader.tasks()[tasks]);
      if (problem) problems.push_back(reader.located_in_task(tasks, std::move(*problem)));
    }
  };
  check_new_tasks();
  while (problems.size() < most) {
    try {
      const auto record = reader.next();
      check_new_tasks();
      if (!record) break;
      auto problem = checker.check(*record, reader.tasks());
      if (!problem && further) problem = further(*record);
      if (problem) {
        problems.push_back(reader.located(std::move(*problem)));
      }
    } catch (const InputError& error) {
      check_new_tasks();
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  return problems;
}

}  // namespace numasim::trace
