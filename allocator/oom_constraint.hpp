#pragma once
// What keeps a request that found no memory from that of other nodes (constrained_alloc,
// mm/oom_kill.c of 2.6.24).

#include "allocator/memory.hpp"

namespace numasim {

/// Nodes with memory that the zonelist leaves out mean a policy, zones that the task's cpuset
/// closes mean the cpuset. A list that by nature lacks a node, as one for GFP_DMA, counts as a
/// policy too.
OomConstraint constrained_alloc(const Memory& memory, const Task& task, const Zonelist& zonelist,
                                Gfp gfp);

std::string_view to_string(OomConstraint constraint);

}  // namespace numasim
