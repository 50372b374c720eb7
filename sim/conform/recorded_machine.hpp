#pragma once
// The machine, era and cpusets of a recording in the core's own terms.

#include "allocator/memory.hpp"
#include "sim/conform/recording.hpp"

namespace numasim::conform {

/// Era named by a header; 2.6.24 where none is.
Era era_of(const Json& header);

struct RecordedMachine {
  MachineLayout layout;
  KernelConfig config;
  unsigned cpus() const;
};

/// Reads a `machine` object of that era.
RecordedMachine recorded_machine(const Json& machine, Era era);

/// Stops at a record that no recording of this machine can hold: throws std::out_of_range.
void require(bool possible, const std::string& what);

/// What a record names; throws std::out_of_range where the machine has no such thing.
CpuId recorded_cpu(const Memory& memory, const Json& id);
NodeId recorded_node(const Memory& memory, const Json& id);
Order recorded_order(const Json& order);
/// First page of a block that lies in one zone.
Pfn recorded_block(const Memory& memory, const Json& pfn, Order order);
/// The populated zone {"node", "zone"}.
Zone& recorded_zone(const Memory& memory, const Json& zone);
/// Sets a zone's "min", "low" and "high", which ascend, and its "lowmem_reserve".
void restore_marks(Zone& zone, const Json& recorded);

/// The set of nodes in a bit mask.
inline NodeMask node_mask(const Json& mask) { return NodeMask{mask.get<std::uint64_t>()}; }

struct RecordedCpusets {
  Cpusets sets;
  std::vector<const Cpuset*> by_id;
};

/// Builds cpusets from a list of {id, parent, mems, mem_exclusive}. An empty list leaves the root
/// alone, so that nothing is checked.
RecordedCpusets recorded_cpusets(const Json& cpusets, NodeMask all_nodes);

}  // namespace numasim::conform
