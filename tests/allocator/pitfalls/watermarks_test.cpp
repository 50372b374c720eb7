// Pitfalls 9 to 16: watermarks, reserves, and the free counter they are compared with.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/world.hpp"

namespace numasim {
namespace {

std::int64_t no_blocks(Order) { return 0; }

/// DMA, DMA32 of 16 MiB, and 64 MiB of Normal above 4 GiB, on one node.
MachineLayout three_zones() {
  MachineLayout layout = small_layout(1, 32);
  const Pfn normal{std::uint64_t{1} << (32 - kPageShift)};
  layout.nodes[0].ranges.push_back({normal, normal + PageCount{64 << (20 - kPageShift)}});
  return layout;
}

/// Hears every watermark test.
struct MarkTests final : Observer {
  std::vector<event::WatermarkTest> all;
  void on(const Task&, const Event& event) override {
    if (const auto* test = std::get_if<event::WatermarkTest>(&event)) all.push_back(*test);
  }
};

TEST(Pitfall, P09_AtTheMarkIsBelowIt) {
  EXPECT_FALSE(zone_watermark_ok(Order{0}, {100}, {100}, {0}, 0, no_blocks));
  EXPECT_TRUE(zone_watermark_ok(Order{0}, {100}, {101}, {0}, 0, no_blocks));
}

TEST(Pitfall, P09_HighTakesHalfAndHarderAQuarterOfTheRest) {
  const auto ok_at = [](std::int64_t free, AllocFlags flags) {
    return zone_watermark_ok(Order{0}, {101}, {free}, {0}, flags, no_blocks);
  };
  EXPECT_TRUE(ok_at(101 - 50 + 1, ALLOC_HIGH));
  EXPECT_FALSE(ok_at(101 - 50, ALLOC_HIGH));
  EXPECT_TRUE(ok_at(51 - 12 + 1, ALLOC_HIGH | ALLOC_HARDER)) << "51 / 4 = 12";
  EXPECT_FALSE(ok_at(51 - 12, ALLOC_HIGH | ALLOC_HARDER));
}

TEST(Pitfall, P09_LowmemReserveCountsOnlyBeforeTheOrdersAndTheMarkIsHalvedForEach) {
  const auto singles = [](std::int64_t pages) {
    return [pages](Order order) { return order.value == 0 ? pages : std::int64_t{0}; };
  };
  // 1999 are left beside the pair; without 1948 single pages 51, more than half of the mark.
  EXPECT_TRUE(zone_watermark_ok(Order{1}, {100}, {2000}, {1800}, 0, singles(1948)));
  EXPECT_FALSE(zone_watermark_ok(Order{1}, {100}, {2000}, {1800}, 0, singles(1949)));
  EXPECT_FALSE(zone_watermark_ok(Order{1}, {100}, {2000}, {1899}, 0, singles(0)));
}

TEST(Pitfall, P09_BlocksOfTheReserveCountAsAnyOther) {
  World w{small_layout(1, 64)};
  Zone& zone = w.memory.node(NodeId{0}).zone(ZoneType::dma32);
  std::int64_t reserved = 0;
  for (std::uint8_t k = 0; k < kMaxOrder; ++k)
    zone.buddy.for_each(Order{k}, MigrateType::reserve, [&](Pfn) { reserved += 1 << k; });
  ASSERT_GT(reserved, 0);
  w.leave_free(zone, PageCount{reserved});
  EXPECT_TRUE(zone.watermark_ok(Order{3}, {reserved / 2}, 0, 0));
}

TEST(Pitfall, P10_TheReserveClassIsThatOfTheFirstZoneOfTheList) {
  World w;  // node 0 is all DMA
  Zone& dma = w.zone(0);
  dma.lowmem_reserve[index(ZoneType::normal)] = dma.lowmem_reserve[index(ZoneType::dma32)] =
      PageCount{100'000};
  ASSERT_EQ(gfp_zone(GFP_KERNEL), ZoneType::normal);
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story().back(), "got node 0 DMA") << "no zone above it on its list: class DMA";
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL, Order{0}, NodeId{1})));
  w.leave_free(w.zone(1), PageCount{0});
  EXPECT_FALSE(got(w.alloc(GFP_ATOMIC, Order{0}, NodeId{1}))) << "class DMA32: node 0 is closed";
}

TEST(Pitfall, P11_PagesOnPerCpuListsAreNotFree) {
  World w{small_layout(1, 256)};
  Zone& zone = w.memory.node(NodeId{0}).zone(ZoneType::dma32);
  const std::int64_t before = zone.free_pages().value;
  ASSERT_TRUE(zone.take(OnCpu{w.task}, Order{0}, GFP_HIGHUSER_MOVABLE));
  EXPECT_EQ(zone.free_pages().value, before - zone.pagesets[0].hot.size.batch);
}

TEST(Pitfall, P11_TheTestDoesNotSeeWhatCpusHaveNotTold) {
  MachineLayout layout = small_layout(1, 256);
  layout.nodes[0].cpus = {CpuId{0}, CpuId{1}};
  World w{layout, {}};
  Zone& zone = w.memory.node(NodeId{0}).zone(ZoneType::dma32);
  const std::int64_t before = zone.free_pages().value;
  const int threshold = zone.counters.threshold();
  EXPECT_LE(threshold, 125);
  Order order{0};
  while ((1 << (order.value + 1)) <= threshold) ++order.value;
  const auto block = zone.take(OnCpu{w.task}, order, GFP_HIGHUSER_MOVABLE);
  ASSERT_TRUE(block);
  EXPECT_EQ(zone.free_pages().value, before);
  EXPECT_TRUE(zone.watermark_ok(Order{0}, {before - 1}, 0, 0))
      << "it passes on pages that are gone";
}

TEST(Pitfall, P12_AFullZoneIsHiddenForASecondFromAllOrdersAndMarks) {
  World w{small_layout(3, 16)};
  const auto served_for = [&](Gfp gfp) {
    EXPECT_TRUE(got(w.alloc(gfp)));
    return w.story().back();
  };
  w.leave_free(w.zone(0), PageCount{0});
  w.leave_free(w.zone(1), PageCount{0});
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL, Order{5})));  // marks node 1 full; node 0 came before
  w.give_back_everywhere(4000);
  w.leave_free(w.zone(0), PageCount{0});
  EXPECT_EQ(served_for(GFP_KERNEL), "got node 2 DMA32");
  w.give_back(w.zone(0), 4000);
  EXPECT_EQ(served_for(GFP_KERNEL), "got node 0 DMA") << "the first zone is always looked at";
  w.leave_free(w.zone(0), PageCount{0});
  w.machine.advance(std::chrono::milliseconds{1100});
  EXPECT_EQ(served_for(GFP_KERNEL), "got node 1 DMA32");
}

TEST(Pitfall, P12_AFailingCallScansTheListTwiceAndTriesZoneReclaimInBoth) {
  World w;
  w.leave_all_at_min();
  w.memory.set_zone_reclaim_mode(1);
  MarkTests tests;
  w.memory.steps().listen(&tests);
  int zone_reclaims = 0;
  w.reclaimer.reclaim_zone = [&] { return ++zone_reclaims < 0; };
  EXPECT_FALSE(got(w.alloc(GFP_KERNEL | GFP_THISNODE)));
  EXPECT_EQ(tests.all.size(), 2u) << "one zone on the list of this node, without a cache";
  tests.all.clear();
  zone_reclaims = 0;
  EXPECT_FALSE(got(w.alloc(GFP_KERNEL | __GFP_NORETRY)));
  // At low two scans of both zones; at min node 1 is hidden in the first scan, not in the second.
  EXPECT_EQ(tests.all.size(), 4u + 3u);
  EXPECT_EQ(zone_reclaims, 7);
}

TEST(Pitfall, P13_AfterZoneReclaimThePageIsTakenWithoutAnotherTest) {
  World w;
  w.memory.set_zone_reclaim_mode(1);
  w.leave_free(w.zone(0), PageCount{1});
  w.reclaimer.reclaim_zone = [] { return true; };  // says so, and frees nothing
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story(), (Story{"try low cpuset hardwall", "zone_reclaim 0 DMA", "got node 0 DMA"}));
  EXPECT_EQ(w.zone(0).free_pages(), PageCount{0});
}

TEST(Pitfall, P14_TheHighMarkIsMinAndAHalf) {
  const Watermarks marks = watermarks_of({50'000}, {100'000}, 4'000);
  EXPECT_EQ(marks.min, PageCount{500});
  EXPECT_EQ(marks.low, PageCount{500 + 125});
  EXPECT_EQ(marks.high, PageCount{500 + 250});
}

TEST(Pitfall, P15_TheDefaultOfMinFreeKbytesLeavesTheMovableZoneOut) {
  const auto min_free = [](std::int64_t movable_pages) {
    KernelConfig config;
    config.movablecore = PageCount{movable_pages};
    return World{small_layout(2, 256), config}.memory.min_free_kbytes();
  };
  const std::int64_t all = min_free(0), half = min_free(65'536);
  EXPECT_NEAR(static_cast<double>(all), 2896.0, 40.0) << "int_sqrt(16 * 512 MiB) of both nodes";
  EXPECT_LT(half, all * 3 / 4) << "about 1 / sqrt(2) of it";
}

TEST(Pitfall, P15_TheDefaultIsClampedAndTheSysctlIsNot) {
  EXPECT_EQ(default_min_free_kbytes(4), 128);
  EXPECT_EQ(default_min_free_kbytes(std::int64_t{1} << 40), 65'536);
  World w{small_layout(1, 256)};
  w.memory.set_min_free_kbytes(40);
  EXPECT_EQ(w.memory.min_free_kbytes(), 40);
  std::int64_t min = 0;
  for (const Zone* zone : w.memory.zones()) min += zone->marks.min.value;
  EXPECT_LE(min, 10);
}

TEST(Pitfall, P16_LowmemReserveLooksAtTheZonesAboveOnTheSameNode) {
  World w{three_zones()};
  const Node& node = w.memory.node(NodeId{0});
  const std::int64_t dma32 = node.zone(ZoneType::dma32).present().value;
  const std::int64_t normal = node.zone(ZoneType::normal).present().value;
  const LowmemReserve& reserve = node.zone(ZoneType::dma).lowmem_reserve;
  EXPECT_EQ(reserve[index(ZoneType::normal)].value, (dma32 + normal) / 256);
  World two{small_layout(2, 16)};  // node 0 all DMA, node 1 all DMA32
  EXPECT_EQ(two.zone(0).lowmem_reserve[index(ZoneType::normal)].value, 0);
}

TEST(Pitfall, P16_AZoneClosedByItsReserveIsNotShortForKswapd) {
  World w{three_zones(), World::exact()};
  Node& node = w.memory.node(NodeId{0});
  w.leave_free(node.zone(ZoneType::normal), PageCount{0});
  w.leave_free(node.zone(ZoneType::dma32), PageCount{0});
  Zone& dma = node.zone(ZoneType::dma);
  const PageCount reserve = dma.lowmem_reserve[index(ZoneType::normal)];
  ASSERT_LT(dma.marks.low.value, dma.marks.min.value / 2 + reserve.value);
  w.leave_free(dma, dma.marks.low + PageCount{1});
  EXPECT_FALSE(got(w.alloc(GFP_NOWAIT)));
  const Story story = w.story();
  EXPECT_EQ(std::ranges::count(story, "wake kswapd 0 Normal"), 1);
  EXPECT_EQ(std::ranges::count(story, "wake kswapd 0 DMA"), 0);
}

}  // namespace
}  // namespace numasim
