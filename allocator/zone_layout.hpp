#pragma once
// How a machine's memory is cut into zones at boot (free_area_init_nodes of 2.6.24).

#include <array>
#include <vector>

#include "allocator/config.hpp"

namespace numasim {

inline constexpr Pfn kDmaEnd{4096};         // 16 MiB
inline constexpr Pfn kDma32End{1 << 20};    // 4 GiB

/// Extent of one zone on one node. Empty zones have an empty span and nothing present.
struct ZoneExtent {
  PfnRange span;
  PageCount present{0};  // RAM less the memory map and dma_reserve; what watermarks derive from
};

struct NodeZones {
  std::array<ZoneExtent, kZoneTypes> zones;
  Pfn movable_start{0};  // where the Movable zone would start; 0 without kernelcore
};

/// Cuts every node's memory into zones.
std::vector<NodeZones> lay_out_zones(const MachineLayout& layout, const KernelConfig& config);

/// RAM of a node that reaches the allocator at boot: its ranges without the reserved ones,
/// ascending, neighbours joined.
std::vector<PfnRange> boot_free_runs(const NodeLayout& node, const std::vector<PfnRange>& reserved);

}  // namespace numasim
