// Pitfalls 27 to 31: zonelists, zone_reclaim, NUMA counters and policies.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "allocator/kernel.hpp"
#include "tests/support/reclaim_world.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;
using Mode = MemPolicy::Mode;

Names names(const Zonelist& list) {
  Names names;
  for (const Zone* zone : list.zones)
    names.push_back(std::to_string(zone->id().node.value) + ' ' +
                    std::string(to_string(zone->id().type)));
  return names;
}

/// Nodes of so many MiB one behind the other, all equally far from each other.
MachineLayout nodes_of(const std::vector<std::uint64_t>& mib) {
  MachineLayout layout = small_layout(static_cast<unsigned>(mib.size()), 1);
  Pfn at{0};
  for (std::size_t n = 0; n < mib.size(); ++n) {
    const Pfn end{at.value + (mib[n] << (20 - kPageShift))};
    layout.nodes[n].ranges = {{at, end}};
    at = end;
  }
  return layout;
}

TEST(Pitfall, P27_TheAutomaticOrderIsByZoneWhileLowMemoryIsScarce) {
  World w{nodes_of({8192, 8192})};
  EXPECT_THAT(names(w.memory.zonelist(NodeId{0}, GFP_KERNEL)),
              ElementsAre("0 Normal", "1 Normal", "0 DMA32", "0 DMA"))
      << "remote Normal before local DMA32";
}

TEST(Pitfall, P27_ItIsByNodeWhereLowMemoryIsMostOrMostOfALargeNode) {
  // More than half of all memory below 4 GiB.
  World half{nodes_of({4096, 2048})};
  EXPECT_EQ(half.memory.zonelist_order(), ZonelistOrder::node);
  // Node 0 has more than 70 % of its memory there, and is larger than 20 GiB / 3.
  World large{nodes_of({5632, 14848})};
  EXPECT_EQ(large.memory.zonelist_order(), ZonelistOrder::zone) << "node 0 is smaller than that";
  World larger{nodes_of({5632, 11008})};
  EXPECT_EQ(larger.memory.zonelist_order(), ZonelistOrder::node);
}

TEST(Pitfall, P28_TiesGoToTheNextHigherNodeAndWrapWhateverWasChosenBefore) {
  KernelConfig config;
  config.zonelists_see_all_cpus = true;
  World w{small_layout(4, 16), config};
  for (std::uint16_t node = 0; node < 4; ++node) {
    std::vector<int> order;
    for (const Zone* zone : w.memory.zonelist(NodeId{node}, GFP_KERNEL).zones)
      order.push_back(zone->id().node.value);
    for (std::size_t i = 1; i < order.size(); ++i)
      EXPECT_EQ(order[i], (node + static_cast<int>(i)) % 4) << "from node " << node;
  }
}

TEST(Pitfall, P29_ZoneReclaimTurnsOnForDistancesAboveTwentyOnly) {
  for (const auto& [distance, mode] : {std::pair{20, 0}, {21, 1}}) {
    MachineLayout layout = small_layout(2, 16);
    layout.distance[0][1] = layout.distance[1][0] = distance;
    EXPECT_EQ(World{layout}.memory.zone_reclaim_mode(), mode) << distance;
  }
}

/// Two nodes with file pages enough for zone_reclaim.
struct ZoneReclaimWorld : ReclaimWorld {
  explicit ZoneReclaimWorld(const MachineLayout& layout = small_layout(2, 32))
      : ReclaimWorld(layout) {
    for (Zone* zone : world.memory.zones())
      for (int i = 0; i < 400; ++i) {
        pages_of_files.push_back(add(*zone, false));
        zone->count_up(on(), ZoneStat::file_pages);
      }
  }
  bool zone_reclaim(std::uint16_t node, Order order = Order{0}) {
    return vmscan.zone_reclaim(world.task, world.memory.node(NodeId{node}).zone(ZoneType::dma32),
                               GFP_KERNEL, order);
  }
  std::vector<Pfn> pages_of_files;
};

TEST(Pitfall, P29_ItRunsOnTheCallersNodeAndOnNodesWithoutCpus) {
  ZoneReclaimWorld w;
  EXPECT_TRUE(w.zone_reclaim(0));
  EXPECT_FALSE(w.zone_reclaim(1)) << "its own CPUs may do that";
  MachineLayout layout = small_layout(2, 32);
  layout.nodes[1].cpus.clear();
  ZoneReclaimWorld without_cpus{layout};
  EXPECT_TRUE(without_cpus.zone_reclaim(1));
}

TEST(Pitfall, P29_ItIsolatesByOrderZeroAndNeitherWritesNorUnmaps) {
  ZoneReclaimWorld w;
  for (std::size_t i = 0; i < w.pages_of_files.size(); ++i) {
    if (i % 3 == 0) w.frame(w.pages_of_files[i]).set(PageFlag::dirty);
    if (i % 3 == 1) w.frame(w.pages_of_files[i]).set(PageFlag::mapped);
  }
  EXPECT_TRUE(w.zone_reclaim(0, Order{3}));
  for (const std::string& call : w.pages.calls)
    EXPECT_TRUE(!call.starts_with("write") && !call.starts_with("unmap")) << call;
  ASSERT_FALSE(w.shrinks.all.empty());
  for (const event::ZoneShrunk& shrunk : w.shrinks.all)
    EXPECT_LE(shrunk.scanned, shrunk.inactive_asked + PageCount{32}) << "no neighbours taken";
}

std::int64_t counter(World& w, std::uint16_t node, ZoneStat item) {
  std::int64_t sum = 0;
  for (Zone* zone : w.memory.zones())
    if (zone->id().node.value == node) sum += zone->counters.read(item);
  return sum;
}

TEST(Pitfall, P30_HitsGoByTheListAndLocalByTheCpuOnceACall) {
  World w;
  w.task.cpu = CpuId{0};
  ASSERT_TRUE(got(w.alloc(GFP_KERNEL, Order{3}, NodeId{1})));  // from a CPU of node 0
  EXPECT_EQ(counter(w, 1, ZoneStat::numa_hit), 1) << "eight pages, one event";
  EXPECT_EQ(counter(w, 1, ZoneStat::numa_other), 1);
  w.leave_free(w.zone(0), PageCount{0});
  ASSERT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(counter(w, 1, ZoneStat::numa_miss), 1);
  EXPECT_EQ(counter(w, 0, ZoneStat::numa_foreign), 1);
  EXPECT_EQ(counter(w, 1, ZoneStat::numa_other), 2);
}

TEST(Pitfall, P30_InterleaveHitNeedsTheFirstZoneOfTheList) {
  World w{small_layout(2, 32), World::exact()};  // node 0: DMA32 and DMA
  MemPolicies policies(w.memory);
  MemPolicy policy = policies.make(Mode::interleave, {NodeId{0}});
  w.task.policy = &policy;
  const auto take = [&] {
    Zonelist& list = policies.for_task(w.task, GFP_KERNEL);
    const Pfn page = std::get<Pfn>(w.allocator.alloc_pages(w.task, GFP_KERNEL, Order{0}, list));
    policies.count_interleave(w.task, nullptr, list, page);
    return w.memory.zone_of(page).id().type;
  };
  EXPECT_EQ(take(), ZoneType::dma32);
  EXPECT_EQ(counter(w, 0, ZoneStat::numa_interleave_hit), 1);
  w.leave_free(w.memory.node(NodeId{0}).zone(ZoneType::dma32), PageCount{0});
  EXPECT_EQ(take(), ZoneType::dma);
  EXPECT_EQ(counter(w, 0, ZoneStat::numa_interleave_hit), 1) << "a hit, but of the wrong zone";
  EXPECT_EQ(counter(w, 0, ZoneStat::numa_hit), 2);
}

TEST(Pitfall, P31_BindListsAreByZoneThenByNodeNumberWithoutDistanceOrCache) {
  World w{nodes_of({6144, 6144, 6144})};
  w.task.cpu = CpuId{2};
  MemPolicies policies(w.memory);
  const MemPolicy policy = policies.make(Mode::bind, {NodeId{0}, NodeId{2}});
  EXPECT_THAT(names(policy.bound), ElementsAre("0 Normal", "2 Normal", "0 DMA32", "0 DMA"));
  EXPECT_FALSE(policy.bound.cache.has_value());
}

TEST(Pitfall, P31_InterleaveAndPreferredFallBackToOtherNodes) {
  for (const Mode mode : {Mode::interleave, Mode::preferred}) {
    World w;
    MemPolicies policies(w.memory);
    MemPolicy policy = policies.make(mode, {NodeId{1}});
    w.task.policy = &policy;
    w.leave_free(w.zone(1), PageCount{0});
    Zonelist& list = policies.for_task(w.task, GFP_KERNEL);
    const auto page = w.allocator.alloc_pages(w.task, GFP_KERNEL, Order{0}, list);
    EXPECT_EQ(w.memory.zone_of(std::get<Pfn>(page)).id().node, NodeId{0});
  }
}

/// Nodes that a task's interleaved accesses take pages from, in order.
struct Taken final : Observer {
  std::vector<int> nodes;
  void on(const Task&, const Event& event) override {
    if (const auto* taken = std::get_if<event::Allocated>(&event))
      if (taken->gfp.has(__GFP_MOVABLE)) nodes.push_back(taken->zone.node.value);
  }
};

TEST(Pitfall, P31_ATasksInterleavingGoesByTheOffsetForFaultsAndInTurnForTheRest) {
  FakeMachine machine;
  Kernel kernel(small_layout(2, 32), World::exact(), {}, machine, 1);
  machine.on_submit([&](Task&, const Bio& bio) { kernel.io_completed(bio); });
  Task task;
  task.id = TaskId{1};
  kernel.enter(task);
  MemPolicy policy = kernel.policies().make(Mode::interleave, {NodeId{0}, NodeId{1}});
  task.policy = &policy;
  kernel.map(task, "heap", {64}, "", false, std::nullopt);
  Taken taken;
  kernel.memory().steps().listen(&taken);
  for (const PageIndex page : {5, 3, 8, 1, 2}) kernel.touch(task, "heap", page, {1}, true);
  EXPECT_THAT(taken.nodes, ElementsAre(1, 1, 0, 1, 0));
  taken.nodes.clear();
  for (const PageIndex page : {4, 6, 8}) kernel.read(task, "file", page, {1});
  ASSERT_EQ(taken.nodes.size(), 3u);
  EXPECT_EQ(taken.nodes[0], taken.nodes[1]) << "the node of the file's tree took a turn between";
  EXPECT_NE(taken.nodes[1], taken.nodes[2]) << "il_next, whatever the page";
}

}  // namespace
}  // namespace numasim
