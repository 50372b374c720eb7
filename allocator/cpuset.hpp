#pragma once
// Cpusets: which nodes a task may use (kernel/cpuset.c of 2.6.24).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/gfp.hpp"
#include "allocator/task.hpp"

namespace numasim {

struct Cpuset {
  std::string name;  // path, "/" for the root
  const Cpuset* parent = nullptr;
  NodeMask mems;
  bool mem_exclusive = false;
};

/// All cpusets of a machine. Index 0 is the root: every node, exclusive.
class Cpusets {
 public:
  explicit Cpusets(NodeMask all_nodes);

  const Cpuset& root() const { return *sets_.front(); }
  const Cpuset* find(std::string_view name) const;
  const Cpuset& add(std::string name, const Cpuset& parent, NodeMask mems, bool mem_exclusive);
  /// Gives an existing cpuset other nodes (update_nodemask). A task in it goes on with those it
  /// knew until it is attached again.
  void change_mems(std::string_view name, NodeMask mems);
  /// number_of_cpusets: with only the root, every check passes without looking.
  std::size_t count() const { return sets_.size(); }

  /// Puts the task into a cpuset; it sees the new mems at once.
  static void attach(Task& task, const Cpuset& cpuset);

  /// The task's cpuset, or the nearest above it that is mem_exclusive; the root is.
  const Cpuset& nearest_exclusive_of(const Task& task) const;

  /// __cpuset_zone_allowed_hardwall: the task's own nodes and nothing else.
  bool allows_hardwall(const Task& task, NodeId node, Gfp gfp) const {
    return count() <= 1 || hardwall_lets_through(task, node, gfp);
  }
  /// __cpuset_zone_allowed_softwall: without __GFP_HARDWALL also the nodes of the nearest exclusive
  /// ancestor.
  bool allows_softwall(const Task& task, NodeId node, Gfp gfp) const {
    return count() <= 1 || softwall_lets_through(task, node, gfp);
  }

 private:
  bool hardwall_lets_through(const Task& task, NodeId node, Gfp gfp) const;
  bool softwall_lets_through(const Task& task, NodeId node, Gfp gfp) const;

  std::vector<std::unique_ptr<Cpuset>> sets_;
};

}  // namespace numasim
