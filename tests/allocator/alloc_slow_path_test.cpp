// Each branch and each jump of __alloc_pages, by the story of the steps it leads to. The labels
// are those of the kernel's function: restart, rebalance, nofail_alloc, nopage, got_pg.

#include <gtest/gtest.h>

#include "tests/support/world.hpp"

namespace numasim {
namespace {

Story with(Story story, const Story& more) {
  story.insert(story.end(), more.begin(), more.end());
  return story;
}

const Story kBothWoken{"wake kswapd 0 DMA", "wake kswapd 1 DMA32"};
const Story kFirstPass{"try low cpuset hardwall"};
/// What a GFP_KERNEL request does before it reclaims, when all zones are at their min mark.
const Story kUpToReclaim = with(with(kFirstPass, kBothWoken), {"try min cpuset"});

TEST(AllocPages, GoesToGotPgAtOnceWhenAZoneIsAboveItsLowMark) {
  World w;
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(), with(kFirstPass, {"got node 0 DMA"}));
}

TEST(AllocPages, ReturnsNullSilentlyWhenFaultInjectionSaysSo) {
  KernelConfig config = World::exact();
  config.fail_page_alloc.probability_percent = 100;
  config.fail_page_alloc.min_order = 0;
  World w{small_layout(2, 16), config};
  EXPECT_EQ(w.alloc(GFP_ATOMIC), AllocResult{Failed{Why::injected}});
  EXPECT_EQ(w.story(), Story{});
  EXPECT_EQ(w.allocator.warnings(), 0);
}

TEST(AllocPages, ReturnsNullSilentlyWhenTheZonelistIsEmpty) {
  MachineLayout layout = small_layout(2, 16);
  layout.nodes[1].ranges.clear();
  World w{layout};
  EXPECT_EQ(w.alloc(GFP_KERNEL | __GFP_THISNODE, Order{0}, NodeId{1}),
            AllocResult{Failed{Why::empty_zonelist}});
  EXPECT_EQ(w.story(), Story{});
}

TEST(AllocPages, RefusesOrdersThatCannotExist) {
  World w;
  EXPECT_EQ(w.alloc(GFP_KERNEL, Order{11}), AllocResult{Failed{Why::order_too_large}});
}

TEST(AllocPages, GoesToNopageBeforeWakingKswapdForGfpThisnode) {
  World w;
  w.leave_all_at_min();
  EXPECT_EQ(w.alloc(GFP_KERNEL | GFP_THISNODE), AllocResult{Failed{Why::this_node_full}});
  EXPECT_EQ(w.story(), with(kFirstPass, {"failed"}));
}

TEST(AllocPages, ReclaimsForThisnodeAloneBecauseOnlyAllThreeBitsStopIt) {
  World w;
  w.leave_all_at_min();
  w.reclaimer.reclaim = [&] {
    w.give_back(w.zone(0), 50);
    return true;
  };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL | __GFP_THISNODE)));
  EXPECT_EQ(w.story(), with(kFirstPass, {"wake kswapd 0 DMA", "try min cpuset", "try min cpuset",
                                         "got node 0 DMA"}));
}

TEST(AllocPages, GoesToGotPgFromTheMinMarkAfterWakingKswapd) {
  World w;
  for (Zone* zone : w.memory.zones()) w.leave_free(*zone, zone->marks.low);
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"got node 0 DMA"}));
}

TEST(AllocPages, TriesHarderAndDeeperForAtomicRequestsAndIgnoresCpusets) {
  World w;
  w.leave_all_at_min();
  EXPECT_TRUE(got(w.alloc(GFP_ATOMIC)));
  EXPECT_EQ(w.story(),
            with(with(kFirstPass, kBothWoken), {"try min harder high", "got node 0 DMA"}));
}

TEST(AllocPages, TriesHarderForRealTimeTasks) {
  World w;
  w.leave_all_at_min();
  w.task.realtime = true;
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story().at(3), "try min harder cpuset");
}

TEST(AllocPages, GoesToNopageWhenAnAtomicRequestFindsNothing) {
  World w;
  w.leave_free_everywhere(PageCount{0});
  EXPECT_EQ(w.alloc(GFP_ATOMIC), AllocResult{Failed{Why::cannot_wait}});
  EXPECT_EQ(w.story(),
            with(with(kFirstPass, kBothWoken), {"try min harder high", "failed, warned"}));
}

TEST(AllocPages, IgnoresAllMarksForAReclaimingTask) {
  World w;
  w.leave_free_everywhere(PageCount{1});
  w.task.memalloc = true;
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try all", "got node 0 DMA"}));
}

TEST(AllocPages, IgnoresAllMarksForADyingTask) {
  World w;
  w.leave_free_everywhere(PageCount{1});
  w.task.memdie = true;
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story().back(), "got node 0 DMA");
}

TEST(AllocPages, GivesInterruptsNoSuchExemption) {
  World w;
  w.leave_free_everywhere(PageCount{1});
  w.task.memalloc = w.task.in_interrupt = true;
  EXPECT_EQ(w.alloc(GFP_ATOMIC | __GFP_NOWARN), AllocResult{Failed{Why::cannot_wait}});
}

TEST(AllocPages, GoesToNopageWhenAReclaimingTaskFindsNothing) {
  World w;
  w.leave_free_everywhere(PageCount{0});
  w.task.memalloc = true;
  EXPECT_EQ(w.alloc(GFP_KERNEL), AllocResult{Failed{Why::reserves_empty}});
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try all", "failed, warned"}));
}

TEST(AllocPages, GoesToNopageForNomemallocEvenWithNofail) {
  World w;
  w.leave_free_everywhere(PageCount{1});
  w.task.memalloc = true;
  EXPECT_EQ(w.alloc(GFP_KERNEL | __GFP_NOMEMALLOC | __GFP_NOFAIL),
            AllocResult{Failed{Why::may_not_use_reserves}});
}

TEST(AllocPages, GoesBackToNofailAllocUntilAPageTurnsUp) {
  World w;
  w.leave_free_everywhere(PageCount{0});
  w.task.memalloc = true;
  int waits = 0;
  w.machine.on_wait([&](Task&, WaitQueue&, auto) {
    if (++waits == 2) w.give_back(w.zone(1), 1);
  });
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL | __GFP_NOFAIL)));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try all", "congestion_wait", "try all",
                                           "congestion_wait", "try all", "got node 1 DMA32"}));
}

TEST(AllocPages, GoesToGotPgAfterReclaimMadeProgress) {
  World w;
  w.leave_all_at_min();
  w.reclaimer.reclaim = [&] {
    EXPECT_TRUE(w.task.memalloc);
    w.give_back(w.zone(0), 50);
    return true;
  };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_FALSE(w.task.memalloc);
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try min cpuset", "got node 0 DMA"}));
  EXPECT_EQ(w.allocator.memory_pressure_bumps(), 1);
}

TEST(AllocPages, DrainsAllPagesetsAfterReclaimForABlock) {
  World w;
  w.leave_all_at_min();
  w.reclaimer.reclaim = [&] { return true; };
  EXPECT_EQ(w.alloc(GFP_KERNEL | __GFP_NORETRY, Order{1}), AllocResult{Failed{Why::no_progress}});
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"drain all", "try min cpuset", "failed, warned"}));
}

TEST(AllocPages, GoesBackToRebalanceAfterAWaitWithoutWakingKswapdAgain) {
  World w;
  w.leave_all_at_min();
  int rounds = 0;
  w.reclaimer.reclaim = [&] {
    if (++rounds == 3) w.give_back(w.zone(0), 50);
    return true;
  };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try min cpuset", "congestion_wait", "try min cpuset",
                                           "congestion_wait", "try min cpuset", "got node 0 DMA"}));
}

TEST(AllocPages, TriesNoListWithoutProgressWhenItMayNotEnterTheFilesystem) {
  World w;
  w.leave_all_at_min();
  int rounds = 0;
  w.reclaimer.reclaim = [&] {
    ++rounds;
    w.give_back(w.zone(0), 20);  // free, but nobody looks until reclaim reports progress
    return rounds == 3;
  };
  EXPECT_TRUE(got(w.alloc(GFP_NOFS)));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"congestion_wait", "congestion_wait", "try min cpuset",
                                           "got node 0 DMA"}));
}

TEST(AllocPages, NeverRetriesWithNoretryEvenWithNofail) {
  World w;
  w.leave_all_at_min();
  EXPECT_EQ(w.alloc(GFP_KERNEL | __GFP_NORETRY | __GFP_NOFAIL),
            AllocResult{Failed{Why::no_progress}});
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"failed, warned"}));
}

TEST(AllocPages, RetriesLargeOrdersOnlyWhenAskedTo) {
  for (const Gfp asked : {Gfp{0}, __GFP_REPEAT, __GFP_NOFAIL}) {
    World w;
    w.leave_all_at_min();
    int rounds = 0;
    w.reclaimer.reclaim = [&] { return ++rounds < 4; };
    EXPECT_FALSE(got(w.alloc(GFP_KERNEL | asked, Order{4})));
    EXPECT_EQ(rounds, asked == Gfp{0} ? 1 : 4) << to_string(asked);
  }
}

TEST(AllocPages, GivesUpRepeatAfterTheConfiguredRounds) {
  KernelConfig config = World::exact();
  config.repeat_attempts_max = 3;
  World w{small_layout(2, 16), config};
  w.leave_all_at_min();
  int rounds = 0;
  w.reclaimer.reclaim = [&] { return ++rounds > 0; };
  EXPECT_EQ(w.alloc(GFP_KERNEL | __GFP_REPEAT, Order{4}), AllocResult{Failed{Why::no_progress}});
  EXPECT_EQ(rounds, 3);
}

TEST(AllocPages, GoesToGotPgWhenAnotherTasksKillLiftedTheHighMark) {
  World w;
  w.leave_all_at_min();
  w.reclaimer.reclaim = [&] {
    w.give_back_everywhere(200);
    return false;
  };
  w.reclaimer.kill = [] { FAIL() << "killed without need"; };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try high cpuset hardwall", "got node 0 DMA"}));
}

TEST(AllocPages, GoesBackToRestartAfterTheOomKiller) {
  World w;
  w.leave_all_at_min();
  w.reclaimer.kill = [&] { w.give_back(w.zone(0), 500); };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try high cpuset hardwall", "oom",
                                           "try low cpuset hardwall", "got node 0 DMA"}));
}

TEST(AllocPages, GoesToNopageForCostlyOrdersInsteadOfKillingEvenWithNofail) {
  World w;
  w.leave_all_at_min();
  w.reclaimer.kill = [] { FAIL() << "killed for a costly order"; };
  EXPECT_EQ(w.alloc(GFP_KERNEL | __GFP_NOFAIL, Order{4}), AllocResult{Failed{Why::costly_order}});
  for (const Zone* zone : w.memory.zones()) EXPECT_FALSE(zone->oom_locked);
}

TEST(AllocPages, SleepsATickAndGoesBackToRestartWhenAnotherTaskHoldsTheOomLock) {
  World w;
  w.leave_all_at_min();
  w.zone(1).oom_locked = true;
  w.machine.on_sleep([&](Task&) {
    w.zone(1).oom_locked = false;
    w.give_back(w.zone(0), 500);
  });
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(),
            with(kUpToReclaim, {"oom lock lost", "try low cpuset hardwall", "got node 0 DMA"}));
  EXPECT_FALSE(w.zone(0).oom_locked);
}

TEST(AllocPages, WarnsTenTimesAtOnceAndThenEveryFiveSeconds) {
  World w;
  w.leave_free_everywhere(PageCount{0});
  for (int i = 0; i < 30; ++i) w.alloc(GFP_ATOMIC);
  EXPECT_EQ(w.allocator.warnings(), 10);
  w.machine.advance(std::chrono::seconds{5});
  for (int i = 0; i < 30; ++i) w.alloc(GFP_ATOMIC);
  EXPECT_EQ(w.allocator.warnings(), 11);
}

TEST(AllocPages, KillsForCostlyOrdersWithoutLocksInTheOlderEra) {
  KernelConfig config = World::exact();
  config.era = Era::linux_2_6_22;
  World w{small_layout(2, 16), config};
  w.leave_all_at_min();
  w.reclaimer.kill = [&] { w.give_back(w.zone(0), 4000); };
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL, Order{4})));
  EXPECT_EQ(w.story(), with(kUpToReclaim, {"try high cpuset hardwall", "oom",
                                           "try low cpuset hardwall", "got node 0 DMA"}));
}

TEST(AllocPages, ZeroesTheBlockOnItsNode) {
  World w;
  w.leave_free(w.zone(0), PageCount{0});
  ASSERT_TRUE(got(w.alloc(GFP_KERNEL | __GFP_ZERO, Order{2})));
  EXPECT_EQ(w.machine.touched(NodeId{1}, Traffic::zero), Bytes{4 * kPageBytes});
}

}  // namespace
}  // namespace numasim
