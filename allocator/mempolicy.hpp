#pragma once
// NUMA memory policies: which zonelist an allocation starts from (mm/mempolicy.c of 2.6.24).

#include <cstdint>
#include <optional>
#include <vector>

#include "allocator/memory.hpp"

namespace numasim {

/// A policy of a task or of a region.
struct MemPolicy {
  enum class Mode : std::uint8_t { standard, preferred, bind, interleave };
  Mode mode = Mode::standard;
  std::vector<NodeId> nodes;  // ascending
  Zonelist bound;             // for bind: zone-major, nodes ascending, without a cache
  std::size_t il_next = 0;    // for interleave: index of the next node
};

class MemPolicies {
 public:
  explicit MemPolicies(Memory& memory) : memory_(memory) {}

  MemPolicy make(MemPolicy::Mode mode, std::vector<NodeId> nodes) const;

  /// alloc_pages_current(): kernel and page cache allocations follow the task's policy.
  Zonelist& for_task(const Task& task, Gfp gfp);
  /// alloc_page_vma(): page faults; interleaving goes by the page's offset in its region.
  Zonelist& for_region(const Task& task, MemPolicy* region, std::uint64_t offset, Gfp gfp);
  /// Counts NUMA_INTERLEAVE_HIT when the page came from the first zone of an interleaved list.
  void count_interleave(Task& task, const MemPolicy* region, const Zonelist& list, Pfn page);

 private:
  Zonelist& list_of(const Task& task, MemPolicy& policy, Gfp gfp);

  Memory& memory_;
};

}  // namespace numasim
