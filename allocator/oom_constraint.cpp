#include "allocator/oom_constraint.hpp"

namespace numasim {

OomConstraint constrained_alloc(const Memory& memory, const Task& task, const Zonelist& zonelist,
                                Gfp gfp) {
  NodeMask left_out = memory.nodes_with_memory();
  for (const Zone* zone : zonelist.zones) {
    const NodeId node = zone->id().node;
    if (!memory.cpusets().allows_softwall(task, node, gfp)) return OomConstraint::cpuset;
    left_out.reset(node.value);
  }
  return left_out.any() ? OomConstraint::memory_policy : OomConstraint::none;
}

std::string_view to_string(OomConstraint constraint) {
  switch (constraint) {
    case OomConstraint::none:
      return "none";
    case OomConstraint::cpuset:
      return "cpuset";
    case OomConstraint::memory_policy:
      return "memory_policy";
  }
  return "unknown";
}

}  // namespace numasim
