#pragma once
// Cpusets: which nodes and CPUs a task may use (kernel/cpuset.c of 2.6.24).

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/gfp.hpp"
#include "allocator/memory_pressure.hpp"
#include "allocator/task.hpp"

namespace numasim {

/// What can be switched on and off in a cpuset.
struct CpusetFlags {
  bool mem_exclusive = false;        // no sibling shares its nodes; GFP_KERNEL stays inside
  bool cpu_exclusive = false;        // no sibling shares its CPUs
  bool memory_migrate = false;       // pages follow when the nodes change
  bool memory_spread_page = false;   // page cache goes round the nodes
  bool memory_spread_slab = false;   // slabs of inodes and dentries do
  bool operator==(const CpusetFlags&) const = default;
};

struct Cpuset {
  std::string name;  // path, "/" for the root
  const Cpuset* parent = nullptr;
  NodeMask mems;
  CpusetFlags flags;
  std::vector<CpuId> cpus;  // ascending; empty: every CPU
  int mems_generation = 0;  // of its nodes and spread flags: tasks compare it with theirs
  MemoryPressureMeter pressure;
};

/// Why a change of a cpuset was refused (the errno of 2.6.24).
enum class CpusetError : std::uint8_t {
  outside_parent,     // EACCES: more than the parent has
  child_has_more,     // EBUSY: a child uses what would go
  shared_exclusive,   // EINVAL: a sibling shares it, and one of the two is exclusive
  in_use_and_empty,   // ENOSPC: tasks would have nothing
  read_only,          // EACCES: the masks of the root
};
std::string_view to_string(CpusetError error);

/// All cpusets of a machine. Index 0 is the root: every node, exclusive.
class Cpusets {
 public:
  explicit Cpusets(NodeMask all_nodes);

  const Cpuset& root() const { return *sets_.front(); }
  const Cpuset* find(std::string_view name) const;
  const Cpuset& add(std::string name, const Cpuset& parent, NodeMask mems, bool mem_exclusive);
  const Cpuset& add(Cpuset cpuset);
  const std::vector<std::unique_ptr<Cpuset>>& all() const { return sets_; }
  /// number_of_cpusets: with only the root, every check passes without looking.
  std::size_t count() const { return sets_.size(); }

  /// validate_change(): what stands against giving the cpuset these nodes, CPUs and flags.
  /// `has_tasks`: some task is in it.
  enum class HasTasks : bool { no, yes };
  std::optional<CpusetError> objection(const Cpuset& cpuset, const Cpuset& trial,
                                       HasTasks has_tasks) const;
  /// Gives a cpuset what `trial` says, unless there is an objection; a new generation begins where
  /// nodes or spread flags differ.
  std::optional<CpusetError> change(const Cpuset& cpuset, const Cpuset& trial, HasTasks has_tasks);
  /// Gives an existing cpuset other nodes, come what may.
  void change_mems(std::string_view name, NodeMask mems);

  /// Puts the task into a cpuset; it sees the new mems at once, as a task that is forked there.
  static void attach(Task& task, const Cpuset& cpuset);
  /// Takes over what the task's cpuset says now: nodes, spread flags, generation.
  /// Requires: it is in one.
  static void refresh(Task& task);
  /// True when the task has not seen the latest of its cpuset.
  static bool is_stale(const Task& task) {
    return task.cpuset && task.cpuset->mems_generation != task.mems_generation;
  }
  /// guarantee_online_mems(): the nodes with memory of the cpuset, or of the nearest above it that
  /// has some.
  static NodeMask usable_mems(const Cpuset& cpuset);
  /// The task's cpuset, or the nearest above it that is mem_exclusive; the root is.
  const Cpuset& nearest_exclusive_of(const Task& task) const;

  /// cpuset_mem_spread_node(): the next of the task's nodes, in turn.
  static NodeId next_spread_node(Task& task);

  /// memory_pressure_enabled: off, nothing is counted.
  void enable_memory_pressure(bool enabled) { memory_pressure_enabled_ = enabled; }
  /// cpuset_memory_pressure_bump(): the task begins a direct reclaim.
  void memory_pressure_bump(const Task& task, SimTime now);
  /// Reads memory_pressure of a cpuset, which updates it.
  std::int64_t memory_pressure(const Cpuset& cpuset, SimTime now);

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
  Cpuset& own(const Cpuset& cpuset);
  bool hardwall_lets_through(const Task& task, NodeId node, Gfp gfp) const;
  bool softwall_lets_through(const Task& task, NodeId node, Gfp gfp) const;

  std::vector<std::unique_ptr<Cpuset>> sets_;
  int latest_generation_ = 0;
  bool memory_pressure_enabled_ = false;
};

}  // namespace numasim
