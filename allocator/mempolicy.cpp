#include "allocator/mempolicy.hpp"

#include <algorithm>

namespace numasim {
namespace {

/// MPOL_BIND lists: from the highest zone type down, nodes in ascending id, no distances.
Zonelist bind_zonelist(const Memory& memory, const std::vector<NodeId>& nodes) {
  Zonelist list;
  for (int type = kZoneTypes - 1; type >= 0; --type)
    for (const NodeId node : nodes) {
      Zone& zone = memory.node(node).zone(static_cast<ZoneType>(type));
      if (zone.populated()) list.zones.push_back(&zone);
    }
  return list;
}

std::size_t nth_set(NodeMask mask, std::size_t n) {
  std::size_t at = 0;
  for (;; ++at)
    if (mask.test(at) && n-- == 0) return at;
}

std::vector<NodeId> remapped_all(const std::vector<NodeId>& nodes, NodeMask from, NodeMask to) {
  std::vector<NodeId> result;
  for (const NodeId node : nodes) result.push_back(remapped(node, from, to));
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

bool needs_nodes(MemPolicy::Mode mode) {
  return mode == MemPolicy::Mode::bind || mode == MemPolicy::Mode::interleave;
}

}  // namespace

NodeId remapped(NodeId node, NodeMask from, NodeMask to) {
  if (!from.test(node.value) || to.none()) return node;
  std::size_t place = 0;
  for (std::size_t below = 0; below < node.value; ++below) place += from.test(below);
  return NodeId{static_cast<std::uint16_t>(nth_set(to, place % to.count()))};
}

MemPolicy MemPolicies::make(MemPolicy::Mode mode, std::vector<NodeId> nodes,
                            const Task* task) const {
  std::ranges::sort(nodes);
  MemPolicy policy;
  policy.mode = mode;
  policy.nodes = std::move(nodes);
  policy.relative_to = memory_.nodes_with_memory();
  if (task && task->cpuset) policy.relative_to = Cpusets::usable_mems(*task->cpuset);
  if (mode == MemPolicy::Mode::bind) policy.bound = bind_zonelist(memory_, policy.nodes);
  if (mode == MemPolicy::Mode::interleave) policy.il_next = policy.nodes.front();
  return policy;
}

bool MemPolicies::may_bind_region(MemPolicy::Mode mode, const std::vector<NodeId>& nodes) const {
  const NodeMask mask = to_mask(nodes);
  if ((mask & ~memory_.nodes_with_memory()).any()) return false;
  return mask.any() || !needs_nodes(mode);
}

/// contextualize_policy() and mpol_new().
bool MemPolicies::set_task_policy(Task& task, MemPolicy::Mode mode, std::vector<NodeId> nodes) {
  update_task_memory_state(task);
  if ((to_mask(nodes) & ~task.mems_allowed).any()) return false;
  if (!may_bind_region(mode, nodes)) return false;
  forget(task);
  if (mode == MemPolicy::Mode::standard) return true;
  auto& own = of_tasks_[task.id];
  own = std::make_unique<MemPolicy>(make(mode, std::move(nodes), &task));
  task.policy = own.get();
  return true;
}

void MemPolicies::forget(Task& task) {
  task.policy = nullptr;
  of_tasks_.erase(task.id);
}

void MemPolicies::catch_up(Task& task) {
  Cpusets::refresh(task);
  if (task.policy) rebind(*task.policy, task.mems_allowed);
}

void MemPolicies::rebind(MemPolicy& policy, NodeMask mems) const {
  if (policy.relative_to == mems || policy.mode == MemPolicy::Mode::standard) return;
  std::vector<NodeId> nodes = remapped_all(policy.nodes, policy.relative_to, mems);
  policy.relative_to = mems;
  if (policy.mode == MemPolicy::Mode::bind) {
    Zonelist bound = bind_zonelist(memory_, nodes);
    if (bound.empty()) return;
    policy.bound = std::move(bound);
  }
  policy.nodes = std::move(nodes);
}

Zonelist& MemPolicies::list_of(const Task& task, MemPolicy& policy, Gfp gfp) {
  switch (policy.mode) {
    case MemPolicy::Mode::preferred:
      return memory_.zonelist(policy.nodes.empty() ? local(task) : policy.nodes.front(), gfp);
    case MemPolicy::Mode::bind: {
      const bool shaped = gfp_zone(gfp) >= memory_.policy_zone();
      const bool usable = std::ranges::any_of(policy.bound.zones, [&](const Zone* zone) {
        return task.mems_allowed.test(zone->id().node.value);
      });
      return shaped && usable ? policy.bound : memory_.zonelist(local(task), gfp);
    }
    case MemPolicy::Mode::interleave:
    case MemPolicy::Mode::standard:
      break;
  }
  return memory_.zonelist(local(task), gfp);
}

/// The node it stands at, even if it has left the set since; then the next one of the set.
NodeId MemPolicies::interleave_nodes(MemPolicy& policy) {
  const auto next = std::ranges::upper_bound(policy.nodes, policy.il_next);
  const NodeId after = next == policy.nodes.end() ? policy.nodes.front() : *next;
  return std::exchange(policy.il_next, after);
}

Zonelist& MemPolicies::for_task(Task& task, Gfp gfp) {
  if (gfp.has(__GFP_WAIT) && !task.in_interrupt) update_task_memory_state(task);
  const bool by_policy = task.policy && !task.in_interrupt && !gfp.has(__GFP_THISNODE);
  if (!by_policy) return memory_.zonelist(local(task), gfp);
  MemPolicy& policy = *task.policy;
  if (policy.mode != MemPolicy::Mode::interleave) return list_of(task, policy, gfp);
  return memory_.zonelist(interleave_nodes(policy), gfp);
}

Zonelist& MemPolicies::for_page_cache(Task& task, Gfp gfp) {
  if (!task.spread_page || task.in_interrupt) return for_task(task, gfp);
  return memory_.zonelist(Cpusets::next_spread_node(task), gfp);
}

Zonelist& MemPolicies::for_region(Task& task, MemPolicy* region, std::uint64_t offset, Gfp gfp) {
  update_task_memory_state(task);
  MemPolicy* policy = region && region->mode != MemPolicy::Mode::standard ? region : task.policy;
  if (!policy) return memory_.zonelist(local(task), gfp);
  if (policy->mode != MemPolicy::Mode::interleave) return list_of(task, *policy, gfp);
  const auto nth = static_cast<std::uint32_t>(offset) % policy->nodes.size();
  return memory_.zonelist(policy->nodes[nth], gfp);
}

NodeId MemPolicies::slab_node(Task& task) {
  if (!task.policy || task.in_interrupt) return local(task);
  MemPolicy& policy = *task.policy;
  switch (policy.mode) {
    case MemPolicy::Mode::interleave:
      return interleave_nodes(policy);
    case MemPolicy::Mode::bind:
      return policy.bound.first().id().node;
    case MemPolicy::Mode::preferred:
      return policy.nodes.empty() ? local(task) : policy.nodes.front();
    case MemPolicy::Mode::standard:
      break;
  }
  return local(task);
}

void MemPolicies::count_interleave(Task& task, const MemPolicy* region, const Zonelist& list,
                                   Pfn page) {
  const MemPolicy* policy =
      region && region->mode != MemPolicy::Mode::standard ? region : task.policy;
  if (!policy || policy->mode != MemPolicy::Mode::interleave) return;
  Zone& zone = memory_.zone_of(page);
  if (&zone == list.zones.front()) zone.count_up(OnCpu{task}, ZoneStat::numa_interleave_hit);
}

}  // namespace numasim
