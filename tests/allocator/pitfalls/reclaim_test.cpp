// Pitfalls 33 to 37: what reclaim looks at, how much of it, and what counts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/reclaim_world.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;

TEST(Pitfall, P33_SmallListsAreNotScannedAtAllInManyCalls) {
  ReclaimWorld w;
  for (int i = 0; i < 10; ++i) w.add(false);
  EXPECT_TRUE(w.reclaim(GFP_KERNEL));
  EXPECT_EQ(w.dma32().lru.pages_scanned, 0);
  // Shares of thirteen passes: nine of one page, then 2, 3, 6 and 11.
  EXPECT_EQ(w.dma32().lru.nr_scan_inactive, 31) << "carried over";
  w.reclaim(GFP_KERNEL);
  EXPECT_EQ(w.world.memory.events().pgsteal[index(ZoneType::dma32)], 10);
}

TEST(Pitfall, P33_ShrinkZoneGoesOnWhenEnoughIsFree) {
  ReclaimWorld w;
  for (int i = 0; i < 300; ++i) w.add(false);
  w.dma32().lru.nr_scan_inactive = 200;
  w.reclaim(GFP_KERNEL);
  const auto shrunk = std::ranges::find_if(
      w.shrinks.all, [](const auto& e) { return e.zone.type == ZoneType::dma32; });
  ASSERT_NE(shrunk, w.shrinks.all.end());
  EXPECT_GE(shrunk->reclaimed, PageCount{200}) << "in one call, though 32 would have done";
}

TEST(Pitfall, P33_BothListsAreScannedInTurnBy32) {
  ReclaimWorld w;
  std::vector<Pfn> active;
  for (int i = 0; i < 200; ++i) {
    active.push_back(w.add(true));
    w.frame(active.back()).set(PageFlag::mapped);
    w.dma32().count_up(w.on(), ZoneStat::file_mapped);
    w.add(false);
  }
  w.pages.references = [](Pfn) { return 1; };  // they stay where they are
  w.dma32().lru.nr_scan_active = w.dma32().lru.nr_scan_inactive = 63;
  w.dma32().lru.prev_priority = 1;  // in such distress that mapped pages are looked at
  w.reclaim(GFP_KERNEL);
  std::vector<std::size_t> runs;  // of calls for pages of one list
  bool was_active = false;
  for (const std::string& call : w.pages.calls) {
    if (!call.starts_with("referenced")) continue;
    const Pfn pfn{std::stoull(call.substr(call.find(' ')))};
    const bool is_active = std::ranges::count(active, pfn) > 0;
    if (runs.empty() || is_active != was_active) runs.push_back(0);
    was_active = is_active;
    ++runs.back();
  }
  ASSERT_GE(runs.size(), 4u);
  EXPECT_THAT(std::vector(runs.begin(), runs.begin() + 4), ElementsAre(32, 32, 32, 32));
}

TEST(Pitfall, P34_UnmappedActivePagesAreDeactivatedThoughReferenced) {
  ReclaimWorld w;
  const Pfn page = w.add(true);
  w.frame(page).set(PageFlag::referenced);
  w.dma32().lru.nr_scan_active = 31;
  w.pages.references = [](Pfn) { return 1; };
  w.reclaim(GFP_KERNEL);
  EXPECT_FALSE(w.frame(page).has(PageFlag::active));
  EXPECT_TRUE(w.frame(page).has(PageFlag::referenced)) << "nobody looked";
}

/// How often the accessed bits of 40 mapped active pages are asked for.
std::size_t looks_at_mapped_pages(std::int64_t pages_scanned, int prev_priority) {
  ReclaimWorld w;
  for (int i = 0; i < 40; ++i) {
    w.frame(w.add(true)).set(PageFlag::mapped);
    w.dma32().count_up(w.on(), ZoneStat::file_mapped);
  }
  w.dma32().lru.nr_scan_active = 40;
  w.dma32().lru.pages_scanned = pages_scanned;
  w.dma32().lru.prev_priority = prev_priority;
  w.dma32().lru.all_unreclaimable = true;  // one pass only, the first
  w.reclaim(GFP_KERNEL);
  return static_cast<std::size_t>(std::ranges::count_if(
      w.pages.calls, [](const auto& call) { return call.starts_with("referenced"); }));
}

TEST(Pitfall, P34_MappedPagesAreNotLookedAtUntilTheTendencyReaches100OrOomIsNear) {
  EXPECT_EQ(looks_at_mapped_pages(0, 12), 0u) << "swappiness 60 and next to nothing mapped";
  EXPECT_EQ(looks_at_mapped_pages(0, 2), 0u) << "a distress of 25 makes 85";
  EXPECT_GT(looks_at_mapped_pages(0, 1), 0u) << "a distress of 50 makes 110";
  EXPECT_GT(looks_at_mapped_pages(3 * 40, 12), 0u) << "scanned three times over";
}

TEST(Pitfall, P35_NewPagesAreOnNoListUntilFourteenHaveGathered) {
  World world{small_layout(1, 32), World::exact()};
  Lru lru(world.memory);
  Zone& zone = world.memory.node(NodeId{0}).zone(ZoneType::dma32);
  const OnCpu on{world.task};
  const auto pages = [&](ZoneStat list) { return zone.counters.read(list); };
  const auto take = [&] {
    const Pfn page = *zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
    world.memory.frames()[page].owner = 1;  // somebody's
    return page;
  };
  for (std::size_t i = 1; i <= kPagevecSize; ++i) {
    EXPECT_EQ(pages(ZoneStat::inactive) + pages(ZoneStat::active), 0);
    lru.add_inactive(on, take());
    if (i < kPagevecSize) lru.add_active(on, take());
  }
  EXPECT_EQ(pages(ZoneStat::inactive), static_cast<std::int64_t>(kPagevecSize));
  EXPECT_EQ(pages(ZoneStat::active), 0) << "thirteen wait on";
}

TEST(Pitfall, P35_AWrittenPageGoesToTheHeadAndToTheTailWhenFourteenWritesHaveEnded) {
  ReclaimWorld w;
  std::vector<Pfn> dirty;
  for (int i = 0; i < 32; ++i) {
    dirty.push_back(w.add(false));
    w.frame(dirty.back()).set(PageFlag::dirty);
  }
  for (int i = 0; i < 32; ++i) w.add(false);
  w.pages.write = [&](Task&, Pfn pfn) {
    w.frame(pfn).clear(PageFlag::dirty);
    w.frame(pfn).set(PageFlag::writeback);
    return PageHolders::Pageout::started;
  };
  w.dma32().lru.nr_scan_inactive = 31;
  w.dma32().lru.all_unreclaimable = true;  // one pass only
  w.reclaim(GFP_KERNEL);
  const LinkedList& inactive = w.dma32().lru.inactive;
  ASSERT_EQ(to_pfn(inactive.first()), dirty.back()) << "oldest first to the head";
  for (std::size_t i = 0; i < kPagevecSize; ++i) {
    EXPECT_NE(to_pfn(inactive.last()), dirty[0]);
    w.frame(dirty[i]).clear(PageFlag::writeback);
    w.lru.rotate(w.on(), dirty[i]);
  }
  EXPECT_EQ(to_pfn(inactive.last()), dirty[kPagevecSize - 1]);
  EXPECT_EQ(w.world.memory.events().pgrotated, static_cast<std::int64_t>(kPagevecSize));
}

TEST(Pitfall, P36_MappedAndSwapCachePagesCountTwiceAsScanned) {
  const auto scanned_for_slabs = [](std::optional<PageFlag> flag) {
    ReclaimWorld w;
    for (int i = 0; i < 32; ++i) {
      const Pfn page = w.add(false);
      if (flag) w.frame(page).set(*flag);
    }
    w.dma32().lru.nr_scan_inactive = 31;
    w.pages.references = [](Pfn) { return 0; };
    w.reclaim(GFP_KERNEL);
    return *std::ranges::find_if(w.pages.calls,
                                 [](const auto& c) { return c.starts_with("slab"); });
  };
  EXPECT_EQ(scanned_for_slabs(std::nullopt), "slab 32");
  EXPECT_EQ(scanned_for_slabs(PageFlag::mapped), "slab 64");
  EXPECT_EQ(scanned_for_slabs(PageFlag::swap_cache), "slab 64");
}

/// kswapd on the one node, until it is done or starts over.
std::vector<event::ZoneShrunk> balance(ReclaimWorld& w) {
  w.vmscan.stop_at_restart(1);
  w.vmscan.balance_pgdat(w.world.task, w.world.memory.node(NodeId{0}), Order{0});
  return w.shrinks.all;
}

TEST(Pitfall, P37_KswapdLooksForAShortZoneWithoutRegardToReserves) {
  ReclaimWorld w;
  Zone& dma = w.world.memory.node(NodeId{0}).zone(ZoneType::dma);
  dma.lowmem_reserve[index(ZoneType::dma32)] =
      PageCount{100'000};  // closed to all that could go up
  EXPECT_TRUE(balance(w).empty()) << "nothing to do";
}

TEST(Pitfall, P37_KswapdShrinksEveryZoneUpToTheShortOneUnlessItHasEightTimesHigh) {
  for (const bool ample : {false, true}) {
    ReclaimWorld w;
    Zone& dma = w.world.memory.node(NodeId{0}).zone(ZoneType::dma);
    w.world.leave_free(w.dma32(), w.dma32().marks.min);
    if (!ample) w.world.leave_free(dma, PageCount{8 * dma.marks.high.value - 1});
    ASSERT_GT(dma.free_pages(), dma.marks.high);
    balance(w);
    EXPECT_EQ(w.shrinks.zones.contains("DMA"), !ample);
    EXPECT_TRUE(w.shrinks.zones.contains("DMA32"));
  }
}

TEST(Pitfall, P37_SlabsAreShrunkForEachZoneAlsoForOneWhoseListsAreLeftAlone) {
  ReclaimWorld w;
  w.world.leave_free(w.dma32(), w.dma32().marks.min);
  w.dma32().lru.nr_scan_inactive = 31;
  for (int i = 0; i < 40; ++i) w.add(false);
  balance(w);
  EXPECT_FALSE(w.shrinks.zones.contains("DMA"));
  std::vector<std::string> slabs;
  std::ranges::copy_if(w.pages.calls, std::back_inserter(slabs),
                       [](const std::string& call) { return call.starts_with("slab"); });
  ASSERT_GE(slabs.size(), 2u);
  EXPECT_EQ(slabs[0], "slab 0") << "for zone DMA";
  EXPECT_EQ(slabs[1], "slab 32");
}

TEST(Pitfall, P37_KswapdNapsATenthOfASecondOnlyBelowPriorityTen) {
  ReclaimWorld w;
  for (int i = 0; i < 2'000; ++i) w.frame(w.add(false)).set(PageFlag::writeback);  // none will go
  w.world.leave_free(w.dma32(), w.dma32().marks.min);
  w.dma32().lru.nr_scan_inactive = 31;
  w.world.machine.take_steps();
  balance(w);
  const std::vector<std::string> steps = w.world.machine.take_steps();
  EXPECT_EQ(std::ranges::count(steps, "wait congestion_wait(write) 25"), 10) << "priorities 9 to 0";
}

TEST(Pitfall, P37_KswapdStartsOverAfter32PagesUntilTheZoneIsAboveHigh) {
  ReclaimWorld w;
  for (int i = 0; i < 2'000; ++i) w.add(false);
  w.world.leave_free(w.dma32(), w.dma32().marks.min);
  const auto balanced =
      w.vmscan.balance_pgdat(w.world.task, w.world.memory.node(NodeId{0}), Order{0});
  EXPECT_GT(w.dma32().free_pages(), w.dma32().marks.high);
  EXPECT_LT(balanced.last_round, balanced.total) << "more than one round";
  int first_priorities = 0;
  for (const event::ZoneShrunk& shrunk : w.shrinks.all) first_priorities += shrunk.priority == 12;
  EXPECT_GT(first_priorities, 1);
}

}  // namespace
}  // namespace numasim
