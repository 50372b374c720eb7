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

}  // namespace

MemPolicy MemPolicies::make(MemPolicy::Mode mode, std::vector<NodeId> nodes) const {
  std::ranges::sort(nodes);
  MemPolicy policy{mode, std::move(nodes), {}, 0};
  if (mode == MemPolicy::Mode::bind) policy.bound = bind_zonelist(memory_, policy.nodes);
  return policy;
}

Zonelist& MemPolicies::list_of(const Task& task, MemPolicy& policy, Gfp gfp) {
  const NodeId local = memory_.node_of_cpu(task.cpu);
  switch (policy.mode) {
    case MemPolicy::Mode::preferred:
      return memory_.zonelist(policy.nodes.empty() ? local : policy.nodes.front(), gfp);
    case MemPolicy::Mode::bind: {
      const bool shaped = gfp_zone(gfp) >= memory_.policy_zone();
      const bool usable = std::ranges::any_of(policy.bound.zones, [&](const Zone* zone) {
        return task.mems_allowed.test(zone->id().node.value);
      });
      return shaped && usable ? policy.bound : memory_.zonelist(local, gfp);
    }
    case MemPolicy::Mode::interleave:
    case MemPolicy::Mode::standard:
      break;
  }
  return memory_.zonelist(local, gfp);
}

Zonelist& MemPolicies::for_task(const Task& task, Gfp gfp) {
  const bool by_policy = task.policy && !task.in_interrupt && !gfp.has(__GFP_THISNODE);
  if (!by_policy) return memory_.zonelist(memory_.node_of_cpu(task.cpu), gfp);
  MemPolicy& policy = *task.policy;
  if (policy.mode != MemPolicy::Mode::interleave) return list_of(task, policy, gfp);
  const NodeId node = policy.nodes[policy.il_next];
  policy.il_next = (policy.il_next + 1) % policy.nodes.size();
  return memory_.zonelist(node, gfp);
}

Zonelist& MemPolicies::for_region(const Task& task, MemPolicy* region, std::uint64_t offset,
                                  Gfp gfp) {
  MemPolicy* policy = region && region->mode != MemPolicy::Mode::standard ? region : task.policy;
  if (!policy) return memory_.zonelist(memory_.node_of_cpu(task.cpu), gfp);
  if (policy->mode != MemPolicy::Mode::interleave) return list_of(task, *policy, gfp);
  const auto nth = static_cast<std::uint32_t>(offset) % policy->nodes.size();
  return memory_.zonelist(policy->nodes[nth], gfp);
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
