#pragma once
// The settings of the modelled kernel, with their defaults, ranges and help, each written once.

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "allocator/fault_config.hpp"
#include "allocator/schema.hpp"
#include "allocator/units.hpp"

namespace numasim {

/// Which kernel is followed. An era is a named set of the switches in EraSwitches.
enum class Era : std::uint8_t { linux_2_6_22, linux_2_6_24 };

template <>
struct EnumNames<Era> {
  static constexpr std::pair<std::string_view, Era> values[] = {{"2.6.22", Era::linux_2_6_22},
                                                                {"2.6.24", Era::linux_2_6_24}};
};

/// What differs between the eras, one switch each. The story never asks for the era itself.
struct EraSwitches {
  bool mobility_lists = true;          // free lists by migratetype, pageblocks, MIGRATE_RESERVE
  bool movable_zone = true;            // ZONE_MOVABLE and its lowmem_reserve slot exist
  bool thisnode_lists = true;          // __GFP_THISNODE has zonelists of its own
  bool zonelist_order_choice = true;   // numa_zonelist_order and its automatic choice
  bool node_load_accumulates = false;  // equal distances are spread by load kept between nodes
  bool memoryless_in_zonelists = false; // nodes without memory take a place when lists are built
  bool lumpy_reclaim = true;           // reclaim is told the order and isolates around a page
  bool drain_after_reclaim = true;     // pagesets are emptied after reclaim for order > 0
  bool zone_oom_lock = true;           // one OOM killer per zonelist; losers sleep one tick
  bool costly_order_never_kills = true;  // order > 3 fails where smaller ones kill
  bool throttle_nofs_always = false;   // shrink_zone naps HZ/10 for every request without FS or IO
  bool kswapd_skips_ample_zones = true;  // zones with 8 * high free are not shrunk
  bool swap_tendency_imbalance = true;   // active/inactive imbalance counts in swap_tendency
  bool zone_reclaim_gives_way = false;   // zone_reclaim is refused while anybody shrinks the zone
  bool oom_overlap_by_mems = true;       // OOM: nodes of tasks compared, not of exclusive cpusets
  bool cpuset_oom_kills_caller = false;  // OOM in a cpuset kills who asked, not the worst task
  bool oom_kills_allocating_task = true;  // vm.oom_kill_allocating_task exists
  bool fail_page_alloc_min_order = true;  // fault injection spares small orders
  bool device_dirty_limits = true;       // each device has its share of the dirty limit
  bool dirty_ratio_below_unmapped = false;  // the dirty ratio ends at half of what is not mapped
};

/// The switches as they stood in that kernel.
constexpr EraSwitches switches_of(Era era) {
  if (era == Era::linux_2_6_24) return {};
  return {.mobility_lists = false, .movable_zone = false, .thisnode_lists = false,
          .zonelist_order_choice = false, .node_load_accumulates = true,
          .memoryless_in_zonelists = true, .lumpy_reclaim = false,
          .drain_after_reclaim = false, .zone_oom_lock = false,
          .costly_order_never_kills = false, .throttle_nofs_always = true,
          .kswapd_skips_ample_zones = false, .swap_tendency_imbalance = false,
          .zone_reclaim_gives_way = true, .oom_overlap_by_mems = false,
          .cpuset_oom_kills_caller = true, .oom_kills_allocating_task = false,
          .fail_page_alloc_min_order = false, .device_dirty_limits = false,
          .dirty_ratio_below_unmapped = true};
}

enum class ZonelistOrder : std::uint8_t { automatic, node, zone };

template <>
struct EnumNames<ZonelistOrder> {
  static constexpr std::pair<std::string_view, ZonelistOrder> values[] = {
      {"default", ZonelistOrder::automatic},
      {"node", ZonelistOrder::node},
      {"zone", ZonelistOrder::zone}};
};

/// Which slab allocator the kernel was built with.
enum class SlabAllocator : std::uint8_t { slab, slub };

template <>
struct EnumNames<SlabAllocator> {
  static constexpr std::pair<std::string_view, SlabAllocator> values[] = {
      {"slab", SlabAllocator::slab}, {"slub", SlabAllocator::slub}};
};

/// Boot options, sysctls and build options of the modelled kernel.
struct KernelConfig {
  Era era = Era::linux_2_6_24;
  int hz = 250;
  int pageblock_order = 9;
  std::optional<std::int64_t> min_free_kbytes;  // absent: the boot-time rule
  std::array<int, 3> lowmem_reserve_ratio{256, 256, 32};
  int percpu_pagelist_fraction = 0;
  ZonelistOrder numa_zonelist_order = ZonelistOrder::automatic;
  std::optional<int> zone_reclaim_mode;  // absent: 1 if some distance is above 20, else 0
  PageCount kernelcore{0};
  PageCount movablecore{0};
  PageCount dma_reserve{0};
  int struct_page_bytes = 56;
  int swappiness_percent = 60;
  int page_cluster = 3;
  int dirty_ratio_percent = 10;
  int dirty_background_ratio_percent = 5;
  int min_unmapped_ratio = 1;
  int min_slab_ratio = 5;
  int vfs_cache_pressure = 100;
  SlabAllocator slab_allocator = SlabAllocator::slab;
  int panic_on_oom = 0;
  bool oom_kill_allocating_task = false;
  int dirty_writeback_centisecs = 500;
  int dirty_expire_centisecs = 3000;
  int repeat_attempts_max = 0;  // __GFP_REPEAT gives up after so many; 0: never, as in 2.6.24
  int printk_ratelimit_seconds = 5;  // one message in this time, after a burst; 0: no limit
  int printk_ratelimit_burst = 10;
  bool exact_counters = false;  // forces the per-CPU counter threshold to 0
  bool zonelist_cache = true;   // absent before 2.6.20
  bool zonelists_see_all_cpus = false;  // at a real boot only CPU 0 runs when they are built
  FailPageAlloc fail_page_alloc;
  std::vector<FailAllocation> fail_allocations;
};

template <>
struct Schema<KernelConfig> {
  static constexpr std::string_view help = "the modelled kernel: era, boot options, sysctls";
  static constexpr std::int64_t kMostPages = std::int64_t{1} << 40;
  static constexpr auto fields = std::tuple{
      field("era", &KernelConfig::era, "which kernel's rules are followed"),
      field("hz", &KernelConfig::hz, 100, 1000, "timer ticks per second (CONFIG_HZ)"),
      field("pageblock_order", &KernelConfig::pageblock_order, 9, 10,
            "order of a pageblock: 9 with huge pages configured, else 10"),
      field("min_free_kbytes", &KernelConfig::min_free_kbytes, std::int64_t{0},
            std::int64_t{1} << 32, "vm.min_free_kbytes; absent: int_sqrt(16 * lowmem), 128..65536"),
      field("lowmem_reserve_ratio", &KernelConfig::lowmem_reserve_ratio, 0, 1 << 30,
            "vm.lowmem_reserve_ratio for DMA, DMA32, Normal"),
      field("percpu_pagelist_fraction", &KernelConfig::percpu_pagelist_fraction, 0, 1 << 20,
            "vm.percpu_pagelist_fraction; 0: sized by the batch rule"),
      field("numa_zonelist_order", &KernelConfig::numa_zonelist_order,
            "order of the zonelists over nodes and zones"),
      field("zone_reclaim_mode", &KernelConfig::zone_reclaim_mode, 0, 7,
            "vm.zone_reclaim_mode; absent: 1 if some node distance is above 20, else 0"),
      field("kernelcore_pages", &KernelConfig::kernelcore, PageCount{0}, PageCount{kMostPages},
            "kernelcore=: memory kept out of the Movable zone; 0: no Movable zone"),
      field("movablecore_pages", &KernelConfig::movablecore, PageCount{0}, PageCount{kMostPages},
            "movablecore=: size of the Movable zone; 0: no Movable zone"),
      field("dma_reserve_pages", &KernelConfig::dma_reserve, PageCount{0}, PageCount{4096},
            "boot-time reservations below 16 MiB, not counted as present"),
      field("struct_page_bytes", &KernelConfig::struct_page_bytes, 0, 256,
            "size of a page descriptor; the memory map is not counted as present"),
      field("swappiness_percent", &KernelConfig::swappiness_percent, 0, 100,
            "vm.swappiness: how readily mapped pages are taken instead of page cache"),
      field("page_cluster", &KernelConfig::page_cluster, 0, 10,
            "vm.page-cluster: 2 to this power swap slots are read together; 0: no readahead"),
      field("dirty_ratio_percent", &KernelConfig::dirty_ratio_percent, 0, 100,
            "vm.dirty_ratio: share of dirtyable memory at which writers must write themselves"),
      field("dirty_background_ratio_percent", &KernelConfig::dirty_background_ratio_percent, 0,
            100, "vm.dirty_background_ratio: share at which pdflush starts to write"),
      field("min_unmapped_ratio", &KernelConfig::min_unmapped_ratio, 0, 100,
            "vm.min_unmapped_ratio: zone_reclaim leaves a zone this share of unmapped page cache, "
            "in percent"),
      field("min_slab_ratio", &KernelConfig::min_slab_ratio, 0, 100,
            "vm.min_slab_ratio: zone_reclaim shrinks slabs above this share of a zone, in percent"),
      field("vfs_cache_pressure", &KernelConfig::vfs_cache_pressure, 0, 1'000'000,
            "vm.vfs_cache_pressure: how readily cached names and inodes are given up, in percent"),
      field("slab_allocator", &KernelConfig::slab_allocator,
            "CONFIG_SLAB or CONFIG_SLUB; here only whether slab pages that reclaim frees count as "
            "reclaimed: with slub they do not"),
      field("panic_on_oom", &KernelConfig::panic_on_oom, 0, 2,
            "vm.panic_on_oom: 1: panic instead of killing, unless a policy or cpuset limits the "
            "request; 2: always"),
      field("oom_kill_allocating_task", &KernelConfig::oom_kill_allocating_task,
            "vm.oom_kill_allocating_task: the OOM killer takes the task that asked"),
      field("dirty_writeback_centisecs", &KernelConfig::dirty_writeback_centisecs, 0, 8'640'000,
            "vm.dirty_writeback_centisecs: time between two rounds of periodic writing; 0: none"),
      field("dirty_expire_centisecs", &KernelConfig::dirty_expire_centisecs, 0, 8'640'000,
            "vm.dirty_expire_centisecs: how long a file may be dirty before that writes it"),
      field("repeat_attempts_max", &KernelConfig::repeat_attempts_max, 0, 1'000'000,
            "rounds after which __GFP_REPEAT gives up; 0: never, as in 2.6.24"),
      field("printk_ratelimit_seconds", &KernelConfig::printk_ratelimit_seconds, 0, 3600,
            "kernel.printk_ratelimit: seconds that one failure message uses up; 0: no limit"),
      field("printk_ratelimit_burst", &KernelConfig::printk_ratelimit_burst, 0, 1'000'000,
            "kernel.printk_ratelimit_burst: messages allowed at once"),
      field("exact_counters", &KernelConfig::exact_counters,
            "keep the free page counters exact instead of folding per-CPU deltas"),
      field("zonelist_cache", &KernelConfig::zonelist_cache,
            "zonelists remember for a second which of their zones were full, as since 2.6.20"),
      field("zonelists_see_all_cpus", &KernelConfig::zonelists_see_all_cpus,
            "every CPU counts when zonelists are built; at a real boot only CPU 0 does"),
      field("fail_page_alloc", &KernelConfig::fail_page_alloc,
            "fault injection at the entry of the allocator"),
      field("fail_allocations", &KernelConfig::fail_allocations,
            "single requests that fail, chosen by what they ask for"),
  };
};

/// What each piece of kernel work costs a CPU. Sources: the defaults follow published measurements
/// of 2007-era machines (2.4 GHz); see allocator/README.md.
struct CostModel {
  Cycles pageset_hit{190};        // order-0 allocation served by a per-CPU list
  Cycles pageset_free{120};
  Cycles refill_base{360};        // zone lock taken for a refill or a flush
  Cycles refill_per_page{180};
  Cycles flush_per_page{180};
  Cycles buddy_base{600};         // order > 0, allocation or free
  Cycles buddy_per_step{100};     // each split or merge
  Cycles block_check_per_page{50};  // each page of a freed block of order > 0 is checked
  Cycles zone_examined{36};       // each zone looked at in a zonelist pass
  Cycles zone_skipped{12};        // one that the zonelist cache says is full
  Cycles remote_zone_full{240};   // more for a full one of another node, last seen so by others
  Cycles slow_path{1500};         // __alloc_pages after its first pass, up to reclaim
  Cycles drain_base{4800};        // cross-call of drain_all_pages
  Cycles drain_per_cpu{2400};
  Cycles page_fault{3600};        // entry, page table work, exit; without allocator and zeroing
  Cycles reclaim_zone{2400};      // a look at a zone's lists, limits and slabs; without its pages
  Cycles reclaim_per_page{1100};  // isolate, check, remove from cache, free
  Cycles scan_per_page{350};      // looked at and put back
  Cycles lru_per_page{40};        // put on a list of the LRU, or moved to the other
  Cycles unmap_per_page{1900};    // reverse map walk and TLB flush
  Cycles migrate_page{9000};      // isolated, unmapped, mapped anew; without allocation and copy
  Cycles submit_io{7000};         // building and queueing one bio
  Cycles swap_slot{200};          // a swap slot found
  Cycles writeback_per_page{2000};  // found dirty, locked, put into a bio
  Cycles page_cache_io{2400};     // one page read from or written into the page cache
  Cycles name_lookup{2400};       // one name in a directory; without allocation of its objects
  Cycles slab_object_scan{840};   // a cached name or inode looked at, and freed
  Cycles context_switch{4000};    // from one task to another, wake-up included
};

template <>
struct Schema<CostModel> {
  static constexpr std::string_view help = "CPU work of the modelled kernel, in cycles";
  static constexpr Cycles kNone{0}, kMost{1'000'000'000};
  static constexpr auto fields = std::tuple{
      field("pageset_hit_cycles", &CostModel::pageset_hit, kNone, kMost,
            "order-0 allocation from a per-CPU list"),
      field("pageset_free_cycles", &CostModel::pageset_free, kNone, kMost,
            "order-0 free to a per-CPU list"),
      field("refill_base_cycles", &CostModel::refill_base, kNone, kMost,
            "one refill or flush of a per-CPU list, without its pages"),
      field("refill_per_page_cycles", &CostModel::refill_per_page, kNone, kMost,
            "each page of a refill"),
      field("flush_per_page_cycles", &CostModel::flush_per_page, kNone, kMost,
            "each page that a per-CPU list gives back to the buddy lists"),
      field("buddy_base_cycles", &CostModel::buddy_base, kNone, kMost,
            "allocation or free of an order above 0"),
      field("buddy_per_step_cycles", &CostModel::buddy_per_step, kNone, kMost,
            "each split or merge of a block"),
      field("block_check_per_page_cycles", &CostModel::block_check_per_page, kNone, kMost,
            "each page of a freed block of an order above 0, which is looked at"),
      field("zone_examined_cycles", &CostModel::zone_examined, kNone, kMost,
            "each zone examined in a pass over a zonelist"),
      field("zone_skipped_cycles", &CostModel::zone_skipped, kNone, kMost,
            "each zone passed over in a zonelist because its cache says that it is full"),
      field("remote_zone_full_cycles", &CostModel::remote_zone_full, kNone, kMost,
            "each zone of another node that is found full, unless this CPU was the last to find it "
            "so: its counters are in another cache"),
      field("slow_path_cycles", &CostModel::slow_path, kNone, kMost,
            "an allocation that its first pass does not serve, until it is served or reclaims"),
      field("drain_base_cycles", &CostModel::drain_base, kNone, kMost,
            "draining all per-CPU lists: the cross-call"),
      field("drain_per_cpu_cycles", &CostModel::drain_per_cpu, kNone, kMost,
            "draining all per-CPU lists: each CPU"),
      field("page_fault_cycles", &CostModel::page_fault, kNone, kMost,
            "a first-touch fault without allocation and zeroing"),
      field("reclaim_zone_cycles", &CostModel::reclaim_zone, Cycles{100}, kMost,
            "reclaim turning to a zone, without the pages it scans; never free, or a kswapd that "
            "finds nothing would never end"),
      field("reclaim_per_page_cycles", &CostModel::reclaim_per_page, kNone, kMost,
            "a page scanned and freed"),
      field("scan_per_page_cycles", &CostModel::scan_per_page, kNone, kMost,
            "a page scanned and kept"),
      field("lru_per_page_cycles", &CostModel::lru_per_page, kNone, kMost,
            "a page put on the active or the inactive list, or moved between them"),
      field("unmap_per_page_cycles", &CostModel::unmap_per_page, kNone, kMost,
            "taking a mapped page out of its page tables"),
      field("migrate_page_cycles", &CostModel::migrate_page, kNone, kMost,
            "moving a page to another frame, without allocating and copying"),
      field("submit_io_cycles", &CostModel::submit_io, kNone, kMost,
            "building and queueing one block I/O"),
      field("swap_slot_cycles", &CostModel::swap_slot, kNone, kMost, "finding a swap slot"),
      field("writeback_per_page_cycles", &CostModel::writeback_per_page, kNone, kMost,
            "a dirty page found, locked and put into a block I/O"),
      field("page_cache_io_cycles", &CostModel::page_cache_io, kNone, kMost,
            "one page read from or written into the page cache, without the copy"),
      field("name_lookup_cycles", &CostModel::name_lookup, kNone, kMost,
            "a name looked up in a directory, without allocating what it needs"),
      field("slab_object_scan_cycles", &CostModel::slab_object_scan, kNone, kMost,
            "a cached name or inode that reclaim looks at"),
      field("context_switch_cycles", &CostModel::context_switch, kNone, kMost,
            "a CPU turning from one task to another"),
  };
};

/// [begin, end) of page frame numbers.
struct PfnRange {
  Pfn begin;
  Pfn end;
  constexpr PageCount pages() const { return end - begin; }
  constexpr bool contains(Pfn pfn) const { return begin <= pfn && pfn < end; }
  constexpr bool operator==(const PfnRange&) const = default;
};

/// A NUMA node of the machine to boot: its RAM, in registration order, and its CPUs.
struct NodeLayout {
  NodeId id;
  std::vector<CpuId> cpus;
  std::vector<PfnRange> ranges;
};

/// The memory and CPUs the kernel finds at boot.
struct MachineLayout {
  std::vector<NodeLayout> nodes;             // ascending ids; all online
  std::vector<std::vector<int>> distance;    // [node][node], 10 on the diagonal
  std::vector<PfnRange> reserved;            // RAM never given to the allocator
  CpuId boot_cpu;
};

}  // namespace numasim
