// Pitfalls 1 to 8: the slow path of __alloc_pages.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/reclaim_world.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

std::int64_t count(const Story& story, const std::string& step) {
  return std::ranges::count(story, step);
}

/// Puts the world's task into a cpuset of node 0.
void confine_to_node_0(World& w) {
  Cpusets& sets = w.memory.cpusets();
  Cpusets::attach(w.task, sets.add("/a", sets.root(), NodeMask{1}, false));
}

TEST(Pitfall, P01_AnAtomicRequestsFirstPassIsHardwalled) {
  World w;
  confine_to_node_0(w);
  w.leave_free(w.zone(0), PageCount{0});
  EXPECT_TRUE(got(w.alloc(GFP_ATOMIC)));
  EXPECT_EQ(w.story(), (Story{"try low cpuset hardwall", "wake kswapd 0 DMA", "try min harder high",
                              "got node 1 DMA32"}));
}

TEST(Pitfall, P01_TheSecondPassOfARequestThatMayWaitKeepsItsCpuset) {
  World w;
  confine_to_node_0(w);
  w.leave_free(w.zone(0), PageCount{0});
  EXPECT_FALSE(got(w.alloc(GFP_USER | __GFP_NORETRY)));
  const Story story = w.story();
  EXPECT_EQ(count(story, "try min cpuset hardwall"), 1);
  EXPECT_EQ(count(story, "got node 1 DMA32"), 0);
}

TEST(Pitfall, P02_ARetryGoesBackToReclaimWithoutAPassOrAWakeUp) {
  World w;
  w.leave_all_at_min();
  int rounds = 0;
  w.reclaimer.reclaim = [&] {
    if (++rounds < 4) return false;
    w.give_back(w.zone(0), 10);
    return true;
  };
  EXPECT_TRUE(got(w.alloc(GFP_NOFS)));
  EXPECT_EQ(w.story(), (Story{"try low cpuset hardwall", "wake kswapd 0 DMA", "wake kswapd 1 DMA32",
                              "try min cpuset", "congestion_wait", "congestion_wait",
                              "congestion_wait", "try min cpuset", "got node 0 DMA"}));
}

TEST(Pitfall, P02_OnlyTheOomBranchStartsFromTheTop) {
  World w;
  w.leave_all_at_min();
  w.reclaimer.kill = [&] { w.give_back_everywhere(200); };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  const Story story = w.story();
  const auto oom = std::ranges::find(story, "oom");
  ASSERT_NE(oom, story.end());
  EXPECT_EQ(Story(oom + 1, story.end()), (Story{"try low cpuset hardwall", "got node 0 DMA"}));
}

TEST(Pitfall, P03_NoretryOverridesNofailAndRepeat) {
  World w;
  w.leave_all_at_min();
  int rounds = 0;
  w.reclaimer.reclaim = [&] { return ++rounds < 0; };
  for (const Gfp more : {__GFP_NOFAIL, __GFP_REPEAT})
    EXPECT_EQ(w.alloc(GFP_NOFS | __GFP_NORETRY | more), AllocResult{Failed{Why::no_progress}});
  EXPECT_EQ(rounds, 2);
}

TEST(Pitfall, P03_NofailOfALargeOrderStillReturnsNothingWithoutProgress) {
  World w;
  w.leave_all_at_min();
  EXPECT_EQ(w.alloc(GFP_KERNEL | __GFP_NOFAIL, Order{4}), AllocResult{Failed{Why::costly_order}});
  EXPECT_EQ(count(w.story(), "oom"), 0);
}

TEST(Pitfall, P03_RepeatNeverGivesUp) {
  World w;
  w.leave_all_at_min();
  int rounds = 0;
  w.reclaimer.reclaim = [&] {
    if (++rounds == 1000) w.give_back(w.zone(0), 4000);
    return true;
  };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL | __GFP_REPEAT, Order{4})));
  EXPECT_EQ(rounds, 1000);
}

TEST(Pitfall, P04_AReclaimingTaskMakesOnePassWithoutMarksAndThenFails) {
  World w;
  w.leave_free_everywhere(PageCount{0});
  bool reclaimed = false;
  w.reclaimer.reclaim = [&] { return reclaimed = true; };
  for (bool Task::*flag : {&Task::memalloc, &Task::memdie}) {
    w.task.*flag = true;
    EXPECT_EQ(w.alloc(GFP_KERNEL), AllocResult{Failed{Why::reserves_empty}});
    const Story story = w.story();
    EXPECT_EQ(count(story, "try all"), 1);
    w.task.*flag = false;
  }
  EXPECT_FALSE(reclaimed);
}

TEST(Pitfall, P04_TheExemptionDoesNotHoldInInterrupts) {
  World w;
  w.leave_free_everywhere(PageCount{10});
  w.task.memalloc = w.task.in_interrupt = true;
  EXPECT_EQ(w.alloc(GFP_ATOMIC), AllocResult{Failed{Why::cannot_wait}});
  EXPECT_EQ(count(w.story(), "try all"), 0);
  w.task.in_interrupt = false;
  EXPECT_TRUE(got(w.alloc(GFP_ATOMIC)));
}

TEST(Pitfall, P05_OnlyAllThreeBitsOfGfpThisnodeLeaveAtOnce) {
  World w;
  w.leave_all_at_min();
  int rounds = 0;
  w.reclaimer.reclaim = [&] { return ++rounds < 0; };
  EXPECT_EQ(w.alloc(GFP_KERNEL | GFP_THISNODE), AllocResult{Failed{Why::this_node_full}});
  EXPECT_EQ(w.story(), (Story{"try low cpuset hardwall", "failed"}));
  EXPECT_EQ(rounds, 0);
  for (const Gfp missing : {__GFP_NOWARN, __GFP_THISNODE}) {
    w.alloc(GFP_KERNEL | without(GFP_THISNODE, missing));
    EXPECT_EQ(count(w.story(), "wake kswapd 0 DMA"), 1);
  }
  EXPECT_EQ(rounds, 2);
}

TEST(Pitfall, P05_ThisnodeAloneReclaimsOnItsOneNode) {
  World w;
  w.leave_free(w.zone(0), w.zone(0).marks.min);
  w.reclaimer.reclaim = [&] {
    w.give_back(w.zone(0), 50);
    return true;
  };
  const AllocResult result = w.alloc(GFP_KERNEL | __GFP_THISNODE);
  ASSERT_TRUE(got(result));
  EXPECT_EQ(w.memory.zone_of(std::get<Pfn>(result)).id().node, NodeId{0}) << "node 1 is empty";
}

TEST(Pitfall, P06_DirectReclaimClaimsProgressUntilEveryZoneIsGivenUp) {
  ReclaimWorld w;
  EXPECT_TRUE(w.reclaim(GFP_KERNEL)) << "there is not a page on any list";
  for (Zone* zone : w.world.memory.zones()) {
    EXPECT_TRUE(w.reclaim(GFP_KERNEL));
    zone->lru.all_unreclaimable = true;
  }
  EXPECT_FALSE(w.reclaim(GFP_KERNEL));
}

TEST(Pitfall, P06_OnlyKswapdGivesAZoneUp) {
  ReclaimWorld w;
  Zone& zone = w.dma32();
  w.world.leave_free(zone, zone.marks.min);
  zone.lru.pages_scanned = 1000;
  w.reclaim(GFP_KERNEL);
  EXPECT_FALSE(zone.lru.all_unreclaimable);
  w.vmscan.balance_pgdat(w.world.task, w.world.memory.node(NodeId{0}), Order{0});
  EXPECT_TRUE(zone.lru.all_unreclaimable);
}

TEST(Pitfall, P07_APageOnAPerCpuListDoesNotClearAllUnreclaimable) {
  World w{small_layout(1, 256)};
  Zone& zone = w.memory.node(NodeId{0}).zone(ZoneType::dma32);
  const OnCpu on{w.task};
  std::vector<Pfn> pages;
  for (int i = 0; i < zone.pagesets[0].hot.size.high; ++i)
    pages.push_back(*zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE));
  zone.drain(on);
  zone.lru.all_unreclaimable = true;
  zone.lru.pages_scanned = 99;
  for (std::size_t i = 0; i + 1 < pages.size(); ++i) zone.free_to_pageset(on, pages[i], false);
  EXPECT_TRUE(zone.lru.all_unreclaimable);
  EXPECT_EQ(zone.lru.pages_scanned, 99);
  zone.free_to_pageset(on, pages.back(), false);  // the list overflows into the buddy lists
  EXPECT_FALSE(zone.lru.all_unreclaimable);
  EXPECT_EQ(zone.lru.pages_scanned, 0);
}

TEST(Pitfall, P08_PagesetsAreDrainedAfterReclaimForABlockProgressOrNot) {
  for (const bool progress : {false, true}) {
    World w;
    w.leave_all_at_min();
    w.reclaimer.reclaim = [&] { return progress; };
    w.alloc(GFP_KERNEL | __GFP_NORETRY, Order{1});
    EXPECT_EQ(count(w.story(), "drain all"), 1) << progress;
    w.alloc(GFP_KERNEL | __GFP_NORETRY, Order{0});
    EXPECT_EQ(count(w.story(), "drain all"), 0) << progress;
  }
}

}  // namespace
}  // namespace numasim
