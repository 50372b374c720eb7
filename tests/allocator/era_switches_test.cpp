// Each switch between the eras: one small case in which the two kernels part, and what each does.
// A switch without a case, or one that does not differ, fails.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "allocator/oom.hpp"
#include "allocator/zone_layout.hpp"
#include "tests/allocator/era_writeback_cases.hpp"
#include "tests/support/reclaim_world.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

KernelConfig exact(Era era) {
  KernelConfig config = World::exact();
  config.era = era;
  return config;
}

std::string names(const Zonelist& list) {
  std::string text;
  for (const Zone* zone : list.zones)
    text += std::to_string(zone->id().node.value) + ' ' + std::string(to_string(zone->id().type)) +
            ", ";
  return text.empty() ? text : text.substr(0, text.size() - 2);
}

bool contains(const Story& story, const std::string& step) {
  return std::ranges::find(story, step) != story.end();
}

// Free lists, zones, zonelists.

/// A kernel page and a movable page, the first two of a zone: 2.6.24 keeps them in different
/// blocks.
std::string first_kernel_and_movable_page(Era era) {
  World w{small_layout(1, 64), exact(era)};
  const Pfn kernel = std::get<Pfn>(w.alloc(GFP_KERNEL));
  const Pfn movable = std::get<Pfn>(w.alloc(GFP_HIGHUSER));
  const Pfn user = std::get<Pfn>(w.alloc(GFP_HIGHUSER_MOVABLE));
  EXPECT_EQ(movable, kernel + PageCount{1});
  return user == movable + PageCount{1} ? "next to each other" : "in different blocks";
}

std::string movable_pages_with_movablecore(Era era) {
  KernelConfig config = exact(era);
  config.movablecore = PageCount{4096};
  const auto nodes = lay_out_zones(small_layout(1, 64), config);
  return std::to_string(nodes[0].zones[index(ZoneType::movable)].span.pages().value);
}

std::string thisnode_from_a_node_without_memory(Era era) {
  MachineLayout layout = small_layout(2, 16);
  layout.nodes[1].ranges.clear();
  World w{layout, exact(era)};
  const AllocResult result = w.alloc(GFP_KERNEL | __GFP_THISNODE, Order{0}, NodeId{1});
  if (const Failed* failed = std::get_if<Failed>(&result))
    return std::string(to_string(failed->why));
  return "from node " + std::to_string(w.memory.zone_of(std::get<Pfn>(result)).id().node.value);
}

std::string list_when_zone_order_is_asked_for(Era era) {
  KernelConfig config = exact(era);
  config.numa_zonelist_order = ZonelistOrder::zone;
  World w{small_layout(2, 32), config};
  return names(w.memory.zonelist(NodeId{0}, GFP_KERNEL));
}

/// Eight nodes in pairs; all others are equally far.
std::string neighbours_of_node_1_of_8(Era era) {
  MachineLayout layout = small_layout(8, 16);
  for (std::size_t n = 0; n < 8; ++n) layout.distance[n][n ^ 1] = 15;
  World w{layout, exact(era)};
  std::string nodes;
  for (const Zone* zone : w.memory.zonelist(NodeId{1}, GFP_KERNEL).zones)
    nodes += std::to_string(zone->id().node.value);
  return nodes;
}

std::string zone_reclaim_mode_with_a_distant_empty_node(Era era) {
  MachineLayout layout = small_layout(2, 16);
  layout.nodes[1].ranges.clear();
  layout.distance[0][1] = 30;
  layout.distance[1][0] = 20;  // node 1 looks for neighbours in both eras; it must find none far
  World w{layout, exact(era)};
  return std::to_string(w.memory.zone_reclaim_mode());
}

// The slow path.

std::string after_reclaim_for_two_pages(Era era) {
  World w{small_layout(2, 16), exact(era)};
  w.leave_all_at_min();
  w.alloc(GFP_KERNEL | __GFP_NORETRY, Order{1});
  return contains(w.story(), "drain all") ? "drains" : "drains nothing";
}

std::string out_of_memory_while_another_task_kills(Era era) {
  World w{small_layout(2, 16), exact(era)};
  w.leave_all_at_min();
  w.zone(1).oom_locked = true;
  w.machine.on_sleep([&](Task&) { w.give_back_everywhere(100); });
  w.reclaimer.kill = [&] { w.give_back_everywhere(100); };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  return contains(w.story(), "oom") ? "kills too" : "sleeps a tick";
}

std::string out_of_memory_for_sixteen_pages(Era era) {
  World w{small_layout(2, 16), exact(era)};
  w.leave_all_at_min();
  w.reclaimer.kill = [&] { w.task.memdie = true; };
  const AllocResult result = w.alloc(GFP_KERNEL, Order{4});
  const bool killed = contains(w.story(), "oom");
  return killed ? "kills" : std::string(to_string(std::get<Failed>(result).why));
}

// Reclaim, on one node of 32 MiB whose pages are clean file pages of nobody.

/// With exact counters.
struct EraReclaim : ReclaimWorld {
  explicit EraReclaim(Era era) : ReclaimWorld(small_layout(1, 32), exact(era)) {}
};

/// 64 pages of 16 aligned groups; the list has one page of each group, then the next of each.
std::string pages_freed_of_the_oldest_group_of_four(Era era) {
  EraReclaim w{era};
  std::vector<Pfn> pages;
  const Pfn block = *w.dma32().take(w.on(), Order{6}, GFP_HIGHUSER_MOVABLE);
  for (std::int64_t j = 0; j < 4; ++j)
    for (std::int64_t group = 0; group < 16; ++group) {
      const Pfn pfn = block + PageCount{4 * group + j};
      w.world.memory.frames()[pfn].become(FrameState::in_use, Order{0}, MigrateType::movable);
      w.lru.insert(w.on(), w.dma32(), pfn, false);
    }
  w.dma32().lru.nr_scan_inactive = 31;  // with the one of this pass: 32 pages, half the list
  w.reclaim(GFP_KERNEL, Order{2});
  int freed = 0;
  for (std::int64_t j = 0; j < 4; ++j)
    if (w.world.memory.frames()[block + PageCount{j}].state() != FrameState::in_use) ++freed;
  w.world.memory.validate();
  return std::to_string(freed);
}

std::string naps_of_reclaim_that_may_not_enter_file_systems(Era era) {
  EraReclaim w{era};
  w.reclaim(GFP_NOFS);
  return std::to_string(w.shrinks.naps);
}

std::string zones_kswapd_shrinks_when_only_dma32_is_low(Era era) {
  EraReclaim w{era};
  Zone& low = w.dma32();
  w.world.leave_free(low, low.marks.min);
  w.vmscan.balance_pgdat(w.world.task, w.world.memory.node(NodeId{0}), Order{0});
  std::string zones;
  for (const std::string& zone : w.shrinks.zones) zones += (zones.empty() ? "" : " ") + zone;
  return zones;
}

/// 3,000 active pages, all mapped, 37 % of memory; none inactive. Their first scan is at priority
/// 7, when the shares of six passes, 1, 2, 3, 6, 12 and 24, first make 32.
std::string priority_at_which_mapped_pages_are_deactivated(Era era) {
  EraReclaim w{era};
  for (int i = 0; i < 3000; ++i) {
    w.world.memory.frames()[w.add(true)].set(PageFlag::mapped);
    w.dma32().count_up(w.on(), ZoneStat::file_mapped);
  }
  w.reclaim(GFP_KERNEL);
  return std::to_string(w.shrinks.first_deactivation.value_or(-1));
}

/// A second task tries zone_reclaim while the first sits in shrink_zone; there is enough to take.
std::string zone_reclaim_while_another_task_shrinks(Era era) {
  EraReclaim w{era};
  for (int i = 0; i < 400; ++i) {
    w.add(false);
    w.dma32().count_up(w.on(), ZoneStat::file_pages);
  }
  Task second;
  std::string outcome = "was never tried";
  w.world.memory.zonelist(NodeId{0}, GFP_KERNEL).zones = {&w.dma32()};
  w.pages.while_throttled = [&] {
    const bool reclaimed = w.vmscan.zone_reclaim(second, w.dma32(), GFP_KERNEL, Order{0});
    outcome = reclaimed ? "reclaims too" : "is refused";
  };
  w.reclaim(GFP_KERNEL);
  return outcome;
}

std::string injected_failures_of_single_pages(Era era) {
  KernelConfig config = exact(era);
  config.fail_page_alloc = {.probability_percent = 100, .times = -1};
  World w{small_layout(1, 32), config};
  return got(w.alloc(GFP_ATOMIC)) ? "none" : "all";
}

// The OOM killer.

/// A large and a small task; the small one asks.
struct TwoTasks {
  explicit TwoTasks(const KernelConfig& config) : w(small_layout(2, 16), config) {
    std::uint32_t id = 1;
    for (Task* task : {&large, &small}) {
      task->id = TaskId{id++};
      oom.add(*task);
    }
    large.mm = &large_mm;
    small.mm = &small_mm;
    large_mm.total_vm = PageCount{800};
    small_mm.total_vm = PageCount{8};
  }
  std::string victim_of_small() {
    oom.out_of_memory(small, w.memory.zonelist(NodeId{0}, GFP_HIGHUSER), GFP_HIGHUSER, Order{0});
    return large.killed ? "large" : small.killed ? "small" : "nobody";
  }
  const Cpuset& cpuset(const char* name, std::size_t node) {
    Cpusets& cpusets = w.memory.cpusets();
    return cpusets.add(name, cpusets.root(), NodeMask{}.set(node), false);
  }

  World w;
  OomKiller oom{w.memory, w.machine};
  AddressSpace large_mm, small_mm;
  Task large, small;
};

std::string points_of_a_task_on_another_node_of_the_same_exclusive_cpuset(Era era) {
  TwoTasks t{exact(era)};
  Cpusets::attach(t.large, t.cpuset("/a", 0));
  Cpusets::attach(t.small, t.cpuset("/b", 1));
  return std::to_string(t.oom.badness(t.small, t.large));
}

std::string victim_of_a_small_task_in_a_cpuset(Era era) {
  TwoTasks t{exact(era)};
  const Cpuset& a = t.cpuset("/a", 0);
  Cpusets::attach(t.large, a);
  Cpusets::attach(t.small, a);
  return t.victim_of_small();
}

std::string victim_of_a_small_task_with_oom_kill_allocating_task(Era era) {
  KernelConfig config = exact(era);
  config.oom_kill_allocating_task = true;
  return TwoTasks{config}.victim_of_small();
}

struct Case {
  const char* name;
  bool EraSwitches::*where;
  std::string (*outcome)(Era);
  const char* in_2_6_24;
  const char* in_2_6_22;
};
void PrintTo(const Case& a_case, std::ostream* out) { *out << a_case.name; }

const Case kCases[] = {
    {"MobilityLists", &EraSwitches::mobility_lists, first_kernel_and_movable_page,
     "in different blocks", "next to each other"},
    {"MovableZone", &EraSwitches::movable_zone, movable_pages_with_movablecore, "4096", "0"},
    {"ThisnodeLists", &EraSwitches::thisnode_lists, thisnode_from_a_node_without_memory,
     "empty_zonelist", "from node 0"},
    {"ZonelistOrderChoice", &EraSwitches::zonelist_order_choice, list_when_zone_order_is_asked_for,
     "0 DMA32, 1 DMA32, 0 DMA", "0 DMA32, 0 DMA, 1 DMA32"},
    {"NodeLoadAccumulates", &EraSwitches::node_load_accumulates, neighbours_of_node_1_of_8,
     "10234567", "10345672"},
    {"MemorylessInZonelists", &EraSwitches::memoryless_in_zonelists,
     zone_reclaim_mode_with_a_distant_empty_node, "0", "1"},
    {"LumpyReclaim", &EraSwitches::lumpy_reclaim, pages_freed_of_the_oldest_group_of_four, "4",
     "2"},
    {"DrainAfterReclaim", &EraSwitches::drain_after_reclaim, after_reclaim_for_two_pages, "drains",
     "drains nothing"},
    {"ZoneOomLock", &EraSwitches::zone_oom_lock, out_of_memory_while_another_task_kills,
     "sleeps a tick", "kills too"},
    {"CostlyOrderNeverKills", &EraSwitches::costly_order_never_kills,
     out_of_memory_for_sixteen_pages, "costly_order", "kills"},
    // Two zones at each of thirteen priorities.
    {"ThrottleNofsAlways", &EraSwitches::throttle_nofs_always,
     naps_of_reclaim_that_may_not_enter_file_systems, "0", "26"},
    {"KswapdSkipsAmpleZones", &EraSwitches::kswapd_skips_ample_zones,
     zones_kswapd_shrinks_when_only_dma32_is_low, "DMA32", "DMA DMA32"},
    // swap_tendency without imbalance: 18 + 60 + (100 >> priority) reaches 100 at priority 2.
    {"SwapTendencyImbalance", &EraSwitches::swap_tendency_imbalance,
     priority_at_which_mapped_pages_are_deactivated, "7", "2"},
    {"ZoneReclaimGivesWay", &EraSwitches::zone_reclaim_gives_way,
     zone_reclaim_while_another_task_shrinks, "reclaims too", "is refused"},
    {"FailPageAllocMinOrder", &EraSwitches::fail_page_alloc_min_order,
     injected_failures_of_single_pages, "none", "all"},
    {"OomOverlapByMems", &EraSwitches::oom_overlap_by_mems,
     points_of_a_task_on_another_node_of_the_same_exclusive_cpuset, "100", "800"},
    {"CpusetOomKillsCaller", &EraSwitches::cpuset_oom_kills_caller,
     victim_of_a_small_task_in_a_cpuset, "large", "small"},
    {"OomKillsAllocatingTask", &EraSwitches::oom_kills_allocating_task,
     victim_of_a_small_task_with_oom_kill_allocating_task, "small", "large"},
    {"DeviceDirtyLimits", &EraSwitches::device_dirty_limits, writer_of_790_pages, "writes",
     "goes on"},
    // 60 % less a rounding is mapped: half of the other 41.
    {"DirtyRatioBelowUnmapped", &EraSwitches::dirty_ratio_below_unmapped,
     dirty_ratio_where_six_tenths_are_mapped, "40", "20"},
};

class EraSwitch : public testing::TestWithParam<Case> {};

TEST_P(EraSwitch, DecidesASmallCase) {
  EXPECT_EQ(GetParam().outcome(Era::linux_2_6_24), GetParam().in_2_6_24);
  EXPECT_EQ(GetParam().outcome(Era::linux_2_6_22), GetParam().in_2_6_22);
}

TEST_P(EraSwitch, DiffersBetweenTheEras) {
  constexpr EraSwitches newer = switches_of(Era::linux_2_6_24);
  constexpr EraSwitches older = switches_of(Era::linux_2_6_22);
  EXPECT_NE(newer.*GetParam().where, older.*GetParam().where);
}

INSTANTIATE_TEST_SUITE_P(Of, EraSwitch, testing::ValuesIn(kCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

// All members are bool, so as many cases as bytes, no two of the same member, are all of them.
static_assert(sizeof(EraSwitches) == std::size(kCases), "each switch between eras needs its case");

TEST(EraSwitches, HaveACaseEach) {
  for (std::size_t i = 0; i < std::size(kCases); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(kCases[i].where, kCases[j].where);
}

}  // namespace
}  // namespace numasim
