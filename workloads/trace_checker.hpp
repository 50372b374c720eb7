#pragma once
// What a record must agree with: the records before it and the machine it is meant for.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/id_set.hpp"
#include "workloads/input_error.hpp"
#include "workloads/trace.hpp"

namespace numasim::trace {

/// The machine a trace is meant for; without, its tasks' CPUs and nodes are not judged.
struct MachineLimits {
  unsigned cpus = 1;
  unsigned nodes = 1;
};

/// Fed with every record in file order. Memory grows with live blocks, regions and files, not
/// with the length of the trace.
class TraceChecker {
 public:
  explicit TraceChecker(std::optional<MachineLimits> machine = std::nullopt) : machine_(machine) {}

  /// What is wrong with a task on this machine, with a JSON pointer into its declaration;
  /// TraceReader::located_in_task adds the place.
  std::optional<Problem> check_task(const TaskDeclaration& task);

  /// What is wrong with this record, with a JSON pointer into it; TraceReader::located adds the
  /// place. `tasks` are the tasks declared so far, which are not judged here. A record with a
  /// problem changes nothing.
  std::optional<Problem> check(const Record& record, const std::vector<TaskDeclaration>& tasks);

 private:
  struct TaskState {
    bool has_exited = false;
    std::map<std::string, PageCount, std::less<>> regions;
  };
  using Verdict = std::optional<Problem>;

  Verdict check_node(NodeId node, const char* pointer) const;
  Verdict check_policy(const Policy& policy, const char* pointer) const;
  Verdict check_scheduling(const TaskDeclaration& task) const;
  Verdict check_nodes(const std::vector<NodeId>& nodes, const std::string& pointer) const;
  Verdict check_task_name(const std::string& name, const char* pointer) const;
  Verdict check_file(const std::string& file, const std::string& device);
  Verdict check_region(const std::string& region, const TaskState& task) const;

  Verdict check(const Alloc& alloc, TaskState& task);
  Verdict check(const Free& free, TaskState& task);
  Verdict check(const Map& map, TaskState& task);
  Verdict check(const Touch& touch, TaskState& task);
  Verdict check(const Read& read, TaskState& task);
  Verdict check(const Write& write, TaskState& task);
  Verdict check(const Unmap& unmap, TaskState& task);
  Verdict check(const Exit& exit, TaskState& task);
  Verdict check(const TrimPageset& trim, TaskState& task);
  Verdict check(const ChangeCpuset& change, TaskState& task);
  Verdict check(const MoveTask& move, TaskState& task);
  Verdict check(const SetMempolicy& set, TaskState& task);
  Verdict check(const Mbind& mbind, TaskState& task);
  Verdict check(const MigratePages& migrate, TaskState& task);
  Verdict check(const OomAdj& adj, TaskState& task);
  Verdict check(const Nice& nice, TaskState& task);
  Verdict check(const Wait& wait, TaskState& task);
  template <class Other>
  Verdict check(const Other&, TaskState&) {
    return std::nullopt;
  }

  std::optional<MachineLimits> machine_;
  std::vector<std::string> names_;  // of the tasks declared so far
  std::vector<TaskState> tasks_;
  std::map<std::string, std::string, std::less<>> device_of_;  // of each file used so far
  IdSet live_;
  IdSet ever_;  // given up beyond kMostRemembered intervals; only the wording depends on it
  IdSet freed_frames_;
};

/// What else may be wrong with a record, beyond what the format knows.
using FurtherCheck = std::function<std::optional<Problem>(const Record&)>;

/// Reads a whole trace and returns every problem in it, `most` at most, in file order. Throws
/// InputError when the file cannot be opened or its header is bad.
std::vector<Problem> problems_of_trace(const std::filesystem::path& file,
                                       std::optional<MachineLimits> machine = std::nullopt,
                                       std::size_t most = 20, const FurtherCheck& further = {});

}  // namespace numasim::trace
