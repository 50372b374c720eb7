// Pitfalls 17 to 20: the per-CPU lists.

#include <gtest/gtest.h>

#include "tests/support/reclaim_world.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

/// 240 MiB behind the DMA zone: per-CPU lists of some length.
struct Lists {
  Lists() : world(small_layout(1, 256), World::exact()) {}
  Zone& zone() { return world.memory.node(NodeId{0}).zone(ZoneType::dma32); }
  PerCpuList& hot() { return zone().pagesets[0].hot; }
  OnCpu on() { return OnCpu{world.task}; }
  Pfn take(Gfp gfp = GFP_HIGHUSER_MOVABLE) { return *zone().take(on(), Order{0}, gfp); }
  void free(Pfn pfn) { zone().free_to_pageset(on(), pfn, false); }
  MigrateType tag(Pfn pfn) { return world.memory.frames()[pfn].type(); }
  /// Takes all pages there are.
  std::vector<Pfn> take_all() {
    std::vector<Pfn> pages;
    while (zone().free_pages() > PageCount{0} || !hot().pages.empty()) pages.push_back(take());
    return pages;
  }

  World world;
};

TEST(Pitfall, P17_SmallZonesHaveNoLists) {
  const PagesetSizes sizes = pageset_sizes({4000}, 0);
  EXPECT_EQ(sizes.hot.high, 0);
  EXPECT_EQ(sizes.hot.batch, 1);
  World w;  // zones of 16 MiB
  Zone& zone = w.zone(1);
  const PageCount before = zone.free_pages();
  const Pfn page = *zone.take(OnCpu{w.task}, Order{0}, GFP_HIGHUSER_MOVABLE);
  zone.free_to_pageset(OnCpu{w.task}, page, false);
  EXPECT_EQ(zone.free_pages(), before) << "straight to the buddy lists";
}

TEST(Pitfall, P17_HotListsHoldSixBatchesAndColdOnesTwo) {
  const PagesetSizes sizes = pageset_sizes({65'536}, 0);
  EXPECT_EQ(sizes.hot.batch, 15);
  EXPECT_EQ(sizes.hot.high, 6 * 15);
  EXPECT_EQ(sizes.cold.high, 2 * 15);
  EXPECT_EQ(sizes.cold.batch, 15 / 2);
}

TEST(Pitfall, P17_AFullListGivesBackItsTailAndServesFromItsHead) {
  Lists w;
  std::vector<Pfn> pages;
  for (int i = 0; i < w.hot().size.high; ++i) pages.push_back(w.take());
  w.zone().drain(w.on());
  for (const Pfn page : pages) w.free(page);
  const auto left = static_cast<std::size_t>(w.hot().size.high - w.hot().size.batch);
  ASSERT_EQ(w.hot().pages.size(), static_cast<std::int64_t>(left));
  EXPECT_EQ(to_pfn(w.hot().pages.last()), pages[pages.size() - left]) << "the oldest have gone";
  EXPECT_EQ(w.take(), pages.back()) << "the youngest comes first";
}

TEST(Pitfall, P18_AListWithoutTheWantedTypeIsRefilledHoweverLongItIs) {
  Lists w;
  std::vector<Pfn> pages;
  for (int i = 1; i < w.hot().size.high; ++i) pages.push_back(w.take());
  w.zone().drain(w.on());
  for (const Pfn page : pages) w.free(page);
  const std::int64_t long_already = w.hot().pages.size();
  ASSERT_EQ(long_already, w.hot().size.high - 1);
  const Pfn kernel = w.take(GFP_KERNEL);
  EXPECT_EQ(w.hot().pages.size(), long_already + w.hot().size.batch - 1);
  EXPECT_GT(w.hot().pages.size(), w.hot().size.high);
  EXPECT_EQ(w.take(), pages.back()) << "behind the refilled ones, and still the first of its type";
  w.free(kernel);
}

TEST(Pitfall, P19_ReclaimedPagesWaitOnTheColdListOfTheCpuThatReclaimed) {
  ReclaimWorld w{small_layout(1, 256)};
  std::vector<Pfn> pages;
  for (int i = 0; i < 40; ++i) pages.push_back(w.add(false));
  w.dma32().drain(w.on());
  const PageCount before = w.dma32().free_pages();
  w.dma32().lru.nr_scan_inactive = 31;  // one more makes a scan, of 32 pages
  EXPECT_TRUE(w.reclaim(GFP_KERNEL));
  const PerCpuList& cold = w.dma32().pagesets[0].cold;
  const PageCount reclaimed{w.world.memory.events().pgsteal[index(ZoneType::dma32)]};
  EXPECT_EQ(reclaimed, PageCount{32});
  EXPECT_EQ(w.dma32().free_pages(), before + PageCount{cold.size.batch})
      << "one batch overflowed; the others do not show";
  EXPECT_EQ(cold.pages.size(), 32 - cold.size.batch);
  EXPECT_TRUE(w.dma32().pagesets[0].hot.pages.empty());
  ASSERT_TRUE(w.dma32().take(w.on(), Order{0}, GFP_HIGHUSER_MOVABLE));
  EXPECT_EQ(cold.pages.size(), 32 - cold.size.batch);
  const Pfn read = *w.dma32().take(w.on(), Order{0}, GFP_HIGHUSER_MOVABLE | __GFP_COLD);
  EXPECT_EQ(cold.pages.size(), 32 - cold.size.batch - 1) << "only COLD requests take from it";
  EXPECT_EQ(std::ranges::count(pages, read), 1);
}

TEST(Pitfall, P20_RefilledPagesCarryTheTypeThatWasAskedFor) {
  Lists w;
  const std::vector<Pfn> all = w.take_all();
  // Twenty single pages in movable pageblocks, too few to retype one.
  for (std::size_t i = 0; i < 20; ++i) w.zone().free_block(w.on(), all[5'000 + 2 * i], Order{0});
  const Pfn taken = w.take(GFP_KERNEL);
  ASSERT_EQ(w.world.memory.commons().pageblocks.type(taken), MigrateType::movable);
  ASSERT_FALSE(w.hot().pages.empty());
  EXPECT_EQ(w.tag(to_pfn(w.hot().pages.first())), MigrateType::unmovable);
}

TEST(Pitfall, P20_FreedPagesCarryTheTypeOfTheirPageblock) {
  Lists w;
  const Pfn page = w.take();
  w.world.memory.commons().pageblocks.set_type(page, MigrateType::reserve);
  w.free(page);
  EXPECT_EQ(w.tag(page), MigrateType::reserve) << "no request will ever ask for it";
  EXPECT_NE(w.take(), page);
}

}  // namespace
}  // namespace numasim
