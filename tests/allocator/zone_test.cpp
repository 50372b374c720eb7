// Per-CPU lists, counters and watermarks of a zone.

#include <gtest/gtest.h>

#include "tests/support/world.hpp"

namespace numasim {
namespace {

/// One node with one zone of 240 MiB behind the 16 MiB DMA zone, two CPUs: batch 7 and real lists.
World two_cpu_world(KernelConfig config = {}) {
  MachineLayout layout = small_layout(1, 256);
  layout.nodes[0].cpus = {CpuId{0}, CpuId{1}};
  return World{layout, config};
}

Zone& dma32(World& w) { return w.memory.node(NodeId{0}).zone(ZoneType::dma32); }

std::size_t hot(const Zone& zone, std::size_t cpu) {
  return static_cast<std::size_t>(zone.pagesets[cpu].hot.pages.size());
}

TEST(Pageset, RefillsABatchAndHandsOutAscendingPages) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const Pfn first = *zone.take(OnCpu{w.task}, Order{0}, GFP_HIGHUSER_MOVABLE);
  const Pfn second = *zone.take(OnCpu{w.task}, Order{0}, GFP_HIGHUSER_MOVABLE);
  EXPECT_EQ(second, first + PageCount{1});
  EXPECT_EQ(hot(zone, 0), static_cast<std::size_t>(zone.pagesets[0].hot.size.batch) - 2);
  EXPECT_EQ(hot(zone, 1), 0u);
}

TEST(Pageset, TakesThePageFreedLastFirst) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const OnCpu on{w.task};
  const Pfn a = *zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
  const Pfn b = *zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
  zone.free_to_pageset(on, b, false);
  zone.free_to_pageset(on, a, false);
  EXPECT_EQ(*zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE), a);
}

TEST(Pageset, KeepsHotAndColdPagesApart) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const OnCpu on{w.task};
  const Pfn page = *zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
  zone.free_to_pageset(on, page, true);
  EXPECT_NE(*zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE), page);
  EXPECT_EQ(*zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE | __GFP_COLD), page);
}

TEST(Pageset, ReturnsOneBatchFromTheTailWhenItReachesHigh) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const OnCpu on{w.task};
  const PagesetSize size = zone.pagesets[0].hot.size;
  std::vector<Pfn> pages;
  for (int i = 0; i < size.high; ++i)
    pages.push_back(*zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE));
  zone.drain(on);
  for (const Pfn page : pages) zone.free_to_pageset(on, page, false);
  EXPECT_EQ(hot(zone, 0), static_cast<std::size_t>(size.high - size.batch));
  EXPECT_EQ(to_pfn(zone.pagesets[0].hot.pages.first()), pages.back());
}

TEST(Pageset, TakesAnyPageWhenTheWantedTypeCannotBeRefilled) {
  World w = two_cpu_world(World::exact());
  Zone& zone = dma32(w);
  const OnCpu on{w.task};
  std::vector<Pfn> held;
  while (zone.free_pages() > PageCount{0} || hot(zone, 0) > 0)
    held.push_back(*zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE));
  zone.free_to_pageset(on, held.back(), false);  // tagged movable, or as its block is
  EXPECT_EQ(zone.take(on, Order{0}, GFP_KERNEL), held.back());
}

TEST(Counters, LagBehindUntilTheThresholdIsPassed) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const std::int64_t start = zone.free_pages().value;
  const int threshold = zone.counters.threshold();
  const OnCpu on{w.task};
  zone.count(on, ZoneStat::free_pages, -threshold);
  EXPECT_EQ(zone.free_pages().value, start);
  zone.count(on, ZoneStat::free_pages, -1);
  EXPECT_EQ(zone.free_pages().value, start - threshold - 1);
  zone.count(on, ZoneStat::free_pages, threshold + 1);
}

TEST(Counters, FoldHalfAThresholdAheadWhenCountingSingly) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const int threshold = zone.counters.threshold();
  for (int i = 0; i <= threshold; ++i) zone.count_up(OnCpu{w.task}, ZoneStat::numa_hit);
  EXPECT_EQ(zone.counters.folded(ZoneStat::numa_hit), threshold + 1 + threshold / 2);
  EXPECT_EQ(zone.pagesets[0].deltas.values[index(ZoneStat::numa_hit)], -(threshold / 2));
}

TEST(Counters, TrimARemoteListByOneBatchAfterQuietRefreshes) {
  World w{small_layout(2, 256), {}};
  Zone& remote = w.memory.node(NodeId{1}).zone(ZoneType::dma32);
  const OnCpu on{w.task};  // CPU 0, on node 0
  const Pfn page = *remote.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
  const std::size_t parked = hot(remote, 0);
  ASSERT_GT(parked, 0u);
  w.memory.refresh_counters(on);  // folds: three to go, this one counts
  w.memory.refresh_counters(on);
  EXPECT_EQ(hot(remote, 0), parked);
  w.memory.refresh_counters(on);
  EXPECT_EQ(hot(remote, 0), 0u);  // less than a batch was there
  remote.free_to_pageset(on, page, false);
}

TEST(Counters, NeverTrimALocalList) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const OnCpu on{w.task};
  zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
  const std::size_t parked = hot(zone, 0);
  for (int i = 0; i < 10; ++i) w.memory.refresh_counters(on);
  EXPECT_EQ(hot(zone, 0), parked);
}

TEST(Zone, ForgetsThatItWasUnreclaimableWhenAPageReachesTheBuddyLists) {
  World w = two_cpu_world();
  Zone& zone = dma32(w);
  const OnCpu on{w.task};
  const Pfn page = *zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
  zone.lru.all_unreclaimable = true;
  zone.lru.pages_scanned = 99;
  zone.free_to_pageset(on, page, false);
  EXPECT_TRUE(zone.lru.all_unreclaimable);  // parked on a per-CPU list: not yet
  zone.drain(on);
  EXPECT_FALSE(zone.lru.all_unreclaimable);
  EXPECT_EQ(zone.lru.pages_scanned, 0);
}

TEST(Watermark, FailsAtTheMarkAndPassesOneAbove) {
  const auto none = [](Order) { return std::int64_t{0}; };
  EXPECT_FALSE(zone_watermark_ok(Order{0}, {100}, {100}, {0}, 0, none));
  EXPECT_TRUE(zone_watermark_ok(Order{0}, {100}, {101}, {0}, 0, none));
  EXPECT_FALSE(zone_watermark_ok(Order{0}, {100}, {150}, {50}, 0, none));
}

TEST(Watermark, GoesDeeperForHighThenForHarder) {
  const auto none = [](Order) { return std::int64_t{0}; };
  const auto lowest = [&](AllocFlags flags) {
    std::int64_t free = 0;
    while (!zone_watermark_ok(Order{0}, {4095}, {free}, {0}, flags, none)) ++free;
    return free - 1;
  };
  EXPECT_EQ(lowest(ALLOC_HIGH), 2048);
  EXPECT_EQ(lowest(ALLOC_HARDER), 3072);
  EXPECT_EQ(lowest(ALLOC_HIGH | ALLOC_HARDER), 1536);
}

TEST(Watermark, DoesNotCountBlocksTooSmallForTheOrder) {
  const auto singles = [](Order order) { return order.value == 0 ? std::int64_t{990} : 0; };
  EXPECT_TRUE(zone_watermark_ok(Order{0}, {100}, {1000}, {0}, 0, singles));
  EXPECT_FALSE(zone_watermark_ok(Order{1}, {100}, {1000}, {0}, 0, singles));
}

}  // namespace
}  // namespace numasim
