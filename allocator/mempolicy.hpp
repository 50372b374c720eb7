#pragma once
// NUMA memory policies: which zonelist an allocation starts from (mm/mempolicy.c of 2.6.24).

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "allocator/memory.hpp"

namespace numasim {

/// A policy of a task or of a region.
struct MemPolicy {
  enum class Mode : std::uint8_t { standard, preferred, bind, interleave };
  Mode mode = Mode::standard;
  std::vector<NodeId> nodes;  // ascending; preferred: one, or none for the node of the CPU
  Zonelist bound;             // for bind: zone-major, nodes ascending, without a cache
  NodeId il_next{0};          // of a task that interleaves: where its next page comes from
  NodeMask relative_to;       // the nodes its cpuset had when the policy was made or rebound
};

/// nodes_remap(): the n-th node of `from` becomes the n-th of `to`, counting round; a node that is
/// not in `from` stays.
NodeId remapped(NodeId node, NodeMask from, NodeMask to);

class MemPolicies {
 public:
  explicit MemPolicies(Memory& memory) : memory_(memory) {}

  /// A policy; `task` is whose cpuset its nodes are relative to, absent: the whole machine.
  MemPolicy make(MemPolicy::Mode mode, std::vector<NodeId> nodes,
                 const Task* task = nullptr) const;
  /// set_mempolicy(): false, and nothing changes, where it asks for nodes the task may not use, or
  /// for none with memory (EINVAL).
  [[nodiscard]] bool set_task_policy(Task& task, MemPolicy::Mode mode, std::vector<NodeId> nodes);
  /// Gives up what set_task_policy() made.
  void forget(Task& task);
  /// True if a region may have this policy: it has nodes with memory only, where it needs some.
  bool may_bind_region(MemPolicy::Mode mode, const std::vector<NodeId>& nodes) const;

  /// alloc_pages_current(): kernel and page cache allocations follow the task's policy.
  Zonelist& for_task(Task& task, Gfp gfp);
  /// page_cache_alloc(): the same, unless the task's cpuset spreads page cache over its nodes.
  Zonelist& for_page_cache(Task& task, Gfp gfp);
  /// alloc_page_vma(): page faults; interleaving goes by the page's offset, which for anonymous
  /// memory is its virtual page number.
  Zonelist& for_region(Task& task, MemPolicy* region, std::uint64_t offset, Gfp gfp);
  /// slab_node(): where the next slab of a task's caches comes from.
  NodeId slab_node(Task& task);
  /// Counts NUMA_INTERLEAVE_HIT when the page came from the first zone of an interleaved list.
  void count_interleave(Task& task, const MemPolicy* region, const Zonelist& list, Pfn page);

  /// cpuset_update_task_memory_state(): the task sees what its cpuset has become, and its policy
  /// follows.
  void update_task_memory_state(Task& task) {
    if (Cpusets::is_stale(task)) [[unlikely]] catch_up(task);
  }
  /// mpol_rebind_policy(): remaps the nodes to other ones of the cpuset. A bound policy that would
  /// lose all memory keeps its list. il_next stays: the next page may come from an old node.
  void rebind(MemPolicy& policy, NodeMask mems) const;

 private:
  void catch_up(Task& task);
  Zonelist& list_of(const Task& task, MemPolicy& policy, Gfp gfp);
  static NodeId interleave_nodes(MemPolicy& policy);
  NodeId local(const Task& task) const { return memory_.node_of_cpu(task.cpu); }

  Memory& memory_;
  std::map<TaskId, std::unique_ptr<MemPolicy>> of_tasks_;  // made by set_task_policy()
};

}  // namespace numasim
