#pragma once
// All memory of one machine: nodes, zones, zonelists, cpusets; its boot and its own recount.

#include <memory>
#include <vector>

#include "allocator/cpuset.hpp"
#include "allocator/machine.hpp"
#include "allocator/zone.hpp"
#include "allocator/zonelist.hpp"

namespace numasim {

/// A NUMA node (pg_data_t): its zones, its zonelists and the state of its kswapd.
struct Node {
  NodeId id;
  std::array<std::unique_ptr<Zone>, kZoneTypes> zones;
  NodeZonelists zonelists;
  Pfn movable_start{0};
  Order kswapd_max_order{0};
  bool kswapd_waiting = true;  // asleep and able to be woken
  WaitQueue kswapd_wait{"kswapd has no work"};

  Zone& zone(ZoneType type) const { return *zones[index(type)]; }
  bool has_memory() const;
};

class Memory {
 public:
  /// Boots: zones, zonelists, free memory into the buddy lists, per-CPU lists, watermarks,
  /// reserve blocks, counter thresholds, then the settings written after boot.
  /// Requires: node ids 0, 1, 2, ...; CPU ids below the number of CPUs; ranges that do not overlap.
  Memory(const MachineLayout& layout, const KernelConfig& config, const CostModel& costs);

  Commons& commons() { return commons_; }
  const Commons& commons() const { return commons_; }
  const KernelConfig& config() const { return commons_.config; }
  Steps& steps() { return commons_.steps; }
  VmEvents& events() { return commons_.events; }
  const VmEvents& events() const { return commons_.events; }
  FrameTable& frames() { return commons_.frames; }
  Cpusets& cpusets() { return cpusets_; }
  const Cpusets& cpusets() const { return cpusets_; }

  const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }
  Node& node(NodeId id) const { return *nodes_[id.value]; }
  unsigned cpus() const { return static_cast<unsigned>(node_of_cpu_.size()); }
  NodeId node_of_cpu(CpuId cpu) const { return node_of_cpu_[cpu.value]; }
  bool node_has_cpus(NodeId id) const;
  /// Populated zones, by node, then by type.
  const std::vector<Zone*>& zones() const { return populated_; }
  /// Zone that holds a frame. Requires: the pfn lies in some zone.
  Zone& zone_of(Pfn pfn) const {
    const std::uint16_t mapped = zone_of_block_[pfn.value >> kZoneMapShift];
    if (mapped == kUnmapped) [[unlikely]] return search_zone_of(pfn);
    return *populated_[mapped];
  }
  NodeMask nodes_with_memory() const { return nodes_with_memory_; }

  /// The list alloc_pages_node uses for this node and mask.
  Zonelist& zonelist(NodeId node, Gfp gfp) {
    NodeZonelists& lists = nodes_[node.value]->zonelists;
    const bool own_list = gfp.has(__GFP_THISNODE) && commons_.switches.thisnode_lists;
    ZoneType type = gfp_zone(gfp);
    if (type == ZoneType::movable && !commons_.switches.movable_zone)
      type = ZoneType::normal;  // an unknown bit
    return (own_list ? lists.thisnode : lists.fallback)[index(type)];
  }

  /// Frees a block as __free_pages does; `cold` puts a single page on the cold list.
  void free_pages(const OnCpu& on, Pfn pfn, Order order, bool cold = false);
  /// drain_local_pages of one CPU: every populated zone.
  void drain(const OnCpu& on);
  /// drain_all_local_pages: the task's CPU, then the others ascending.
  void drain_all(Task& task);
  /// refresh_cpu_vm_stats of one CPU.
  void refresh_counters(const OnCpu& on);
  /// Its first half: folds the pending counters of the CPU and leaves its pagesets alone.
  void fold_counters(const OnCpu& on);

  /// Writes vm.min_free_kbytes: watermarks, reserve blocks and totalreserve follow.
  void set_min_free_kbytes(std::int64_t kbytes);

  /// Writes vm.lowmem_reserve_ratio: the reserves of all zones follow.
  void set_lowmem_reserve_ratio(const std::array<int, 3>& ratios);
  /// Writes vm.percpu_pagelist_fraction: the hot list of each pageset holds a zone's present pages
  /// divided by it, and is refilled and flushed by a quarter of that. Requires: 8 or more.
  void set_percpu_pagelist_fraction(int fraction);
  /// Writes vm.min_unmapped_ratio and vm.min_slab_ratio.
  void set_min_unmapped_ratio(int percent);
  void set_min_slab_ratio(int percent);
  /// The settings that are looked up each time they are needed.
  KernelConfig& settings() { return commons_.config; }

  std::int64_t min_free_kbytes() const { return min_free_kbytes_; }
  ZonelistOrder zonelist_order() const { return zonelist_order_; }
  int zone_reclaim_mode() const { return zone_reclaim_mode_; }
  void set_zone_reclaim_mode(int mode) { zone_reclaim_mode_ = mode; }
  PageCount vm_total_pages() const { return vm_total_; }
  void set_vm_total_pages(PageCount pages) { vm_total_ = pages; }
  PageCount totalreserve_pages() const;
  PageCount boot_freed_pages() const { return boot_freed_; }
  ZoneType policy_zone() const;
  /// Sum of an item over all zones, folded values (global_page_state).
  std::int64_t global(ZoneStat item) const;

  /// Recounts everything from the frames and compares every list, counter and map; stops the
  /// program where they differ (allocator/README.md, I1 to I11).
  void validate() const;

 private:
  Zone& search_zone_of(Pfn pfn) const;
  void create_zones(const MachineLayout& layout);
  void map_zones();
  void build_zonelists(const MachineLayout& layout);
  void free_boot_memory(const MachineLayout& layout);
  void size_pagesets();
  void set_up_watermarks();
  void set_up_reserve_blocks(Zone& zone);
  void set_up_lowmem_reserve();
  void set_up_counter_thresholds();
  bool was_freed_at_boot(Pfn pfn) const;
  void validate_frames(const Zone& zone) const;
  void validate_reserve_blocks(const Zone& zone) const;
  void validate_maps() const;
  PageCount freed_at_boot_in(const Zone& zone) const;

  Commons commons_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<NodeId> node_of_cpu_;
  std::vector<Zone*> populated_;
  static constexpr unsigned kZoneMapShift = 9;
  static constexpr std::uint16_t kUnmapped = 0xffff;
  std::vector<std::uint16_t> zone_of_block_;  // by pfn >> 9; unmapped where zones share a block
  std::vector<PfnRange> boot_free_;  // ascending
  NodeMask nodes_with_memory_;
  Cpusets cpusets_;
  CpuId boot_cpu_;
  std::int64_t min_free_kbytes_ = 1024;
  int zone_reclaim_mode_ = 0;
  ZonelistOrder zonelist_order_ = ZonelistOrder::node;
  PageCount vm_total_{0};
  PageCount boot_freed_{0};
};

}  // namespace numasim
