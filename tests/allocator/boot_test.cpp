// Boot: zone sizes, watermarks, reserves, zonelists. The numbers are worked by hand from the rules.

#include <gtest/gtest.h>

#include "allocator/zone_layout.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

using Names = std::vector<std::string>;

Names names(const Zonelist& list) {
  Names names;
  for (const Zone* zone : list.zones)
    names.push_back(std::to_string(zone->id().node.value) + ' ' +
                    std::string(to_string(zone->id().type)));
  return names;
}

MachineLayout gib_layout(std::vector<std::uint64_t> gib) {
  MachineLayout layout;
  Pfn at{0};
  for (std::uint16_t n = 0; n < gib.size(); ++n) {
    const Pfn end = at + PageCount{static_cast<std::int64_t>(gib[n] << (30 - kPageShift))};
    layout.nodes.push_back({NodeId{n}, {CpuId{n}}, {}});
    if (end > at) layout.nodes.back().ranges.push_back({at, end});
    layout.distance.emplace_back(gib.size(), 20);
    layout.distance.back()[n] = 10;
    at = end;
  }
  return layout;
}

TEST(Boot, CutsZonesAt16MibAnd4Gib) {
  const auto nodes = lay_out_zones(gib_layout({6}), {});
  const auto& zones = nodes[0].zones;
  EXPECT_EQ(zones[0].span, (PfnRange{Pfn{0}, Pfn{4096}}));
  EXPECT_EQ(zones[1].span, (PfnRange{Pfn{4096}, Pfn{1048576}}));
  EXPECT_EQ(zones[2].span, (PfnRange{Pfn{1048576}, Pfn{1572864}}));
  EXPECT_EQ(zones[3].span.pages(), PageCount{0});
  EXPECT_EQ(zones[0].present, PageCount{4096 - 56});  // 56 bytes a page for the memory map
}

TEST(Boot, DoesNotSubtractAMemoryMapLargerThanTheRam) {
  MachineLayout layout = small_layout(1, 16);
  layout.nodes[0].ranges = {{Pfn{0}, Pfn{1}}, {Pfn{4095}, Pfn{4096}}};  // a hole of 4094 pages
  EXPECT_EQ(lay_out_zones(layout, {})[0].zones[0].present, PageCount{2});
}

TEST(Boot, TakesTheMovableZoneFromTheHighestZoneOnEachNode) {
  KernelConfig config;
  config.kernelcore = PageCount{6 << (30 - kPageShift)};
  const auto nodes = lay_out_zones(gib_layout({4, 4}), config);
  // Memory below 4 GiB is kernelcore anyway; the other 2 GiB come off node 1.
  EXPECT_EQ(nodes[0].zones[3].span.pages(), PageCount{0});
  EXPECT_EQ(nodes[1].zones[2].span.pages(), PageCount{2 << (30 - kPageShift)});
  EXPECT_EQ(nodes[1].zones[3].span.pages(), PageCount{2 << (30 - kPageShift)});
}

TEST(Boot, HasNoMovableZoneInTheOlderEra) {
  KernelConfig config;
  config.kernelcore = PageCount{6 << (30 - kPageShift)};
  config.era = Era::linux_2_6_22;
  EXPECT_EQ(lay_out_zones(gib_layout({4, 4}), config)[1].zones[3].span.pages(), PageCount{0});
}

TEST(Boot, PutsTheHighestBlockFirst) {
  World w{small_layout(1, 64)};
  std::vector<std::uint64_t> heads;
  w.memory.node(NodeId{0})
      .zone(ZoneType::dma32)
      .buddy.for_each(kTopOrder, MigrateType::movable,
                      [&](Pfn pfn) { heads.push_back(pfn.value); });
  EXPECT_EQ(heads.front(), 15360u);
  EXPECT_TRUE(std::ranges::is_sorted(heads, std::greater<>{}));
}

TEST(Boot, DerivesTheMarksOfTheBookMachine) {
  // 512 MiB, as one CPU sees it: min_free_kbytes, then 21/26/31 of DMA and so on by share.
  EXPECT_EQ(default_min_free_kbytes((3900 + 126000) * 4), 2883);
  const Watermarks dma = watermarks_of({3900}, {129900}, 2883);
  EXPECT_EQ(dma.min.value, 21);
  EXPECT_EQ(dma.low.value, 26);
  EXPECT_EQ(dma.high.value, 31);
  const Watermarks dma32 = watermarks_of({126000}, {129900}, 2883);
  EXPECT_EQ(dma32.min.value, 698);
  EXPECT_EQ(dma32.low.value, 872);
  EXPECT_EQ(dma32.high.value, 1047);
}

TEST(Boot, ClampsMinFreeKbytes) {
  EXPECT_EQ(default_min_free_kbytes(4), 128);
  EXPECT_EQ(default_min_free_kbytes(std::int64_t{1} << 40), 65536);
}

TEST(Boot, SizesPagesetsByThePresentPages) {
  EXPECT_EQ(pageset_sizes({3900}, 0).hot.high, 0);
  EXPECT_EQ(pageset_sizes({3900}, 0).hot.batch, 1);
  EXPECT_EQ(pageset_sizes({90112}, 0).hot.high, 186);
  EXPECT_EQ(pageset_sizes({90112}, 0).cold.batch, 15);
  EXPECT_EQ(pageset_sizes({80000}, 8).hot.high, 10000);
  EXPECT_EQ(pageset_sizes({80000}, 8).hot.batch, 96);
}

TEST(Boot, SizesTheCounterThresholdByCpusAndMemory) {
  EXPECT_EQ(stat_threshold({3900}, 8), 8);
  EXPECT_EQ(stat_threshold({770000}, 8), 48);
  EXPECT_EQ(stat_threshold({2060000}, 8), 56);
  EXPECT_EQ(stat_threshold({1 << 30}, 1024), 125);
}

TEST(Boot, ReservesTheLowestMovablePageblocks) {
  World w{small_layout(1, 256)};
  const Zone& zone = w.memory.node(NodeId{0}).zone(ZoneType::dma32);
  const Pageblocks& blocks = w.memory.commons().pageblocks;
  EXPECT_EQ(blocks.stored_type(zone.start()), MigrateType::reserve);
  const std::int64_t wanted = (zone.marks.min.value + 511) / 512;
  EXPECT_EQ(blocks.stored_type(zone.start() + PageCount{512 * wanted}), MigrateType::movable);
}

TEST(Boot, SwitchesGroupingOffOnTinyMachines) {
  EXPECT_FALSE(World{small_layout(1, 8)}.memory.commons().pageblocks.grouping());
  EXPECT_TRUE(World{small_layout(1, 16)}.memory.commons().pageblocks.grouping());
}

TEST(Boot, KeepsLowmemReserveForRequestsThatCouldGoHigher) {
  World w{gib_layout({6})};
  const Node& node = w.memory.node(NodeId{0});
  const std::int64_t dma32 = node.zone(ZoneType::dma32).present().value;
  const std::int64_t normal = node.zone(ZoneType::normal).present().value;
  const LowmemReserve& reserve = node.zone(ZoneType::dma).lowmem_reserve;
  EXPECT_EQ(reserve[0].value, 0);
  EXPECT_EQ(reserve[1].value, dma32 / 256);
  EXPECT_EQ(reserve[2].value, (dma32 + normal) / 256);
}

TEST(Zonelists, ChooseZoneOrderToSpareLowMemory) {
  World w{gib_layout({8, 8})};
  EXPECT_EQ(w.memory.zonelist_order(), ZonelistOrder::zone);
  EXPECT_EQ(names(w.memory.zonelist(NodeId{1}, GFP_KERNEL)),
            (Names{"1 Normal", "0 Normal", "0 DMA32", "0 DMA"}));
}

TEST(Zonelists, ChooseNodeOrderWhenANodeIsNearlyAllLowMemory) {
  World w{gib_layout({4, 4, 4, 4})};
  EXPECT_EQ(w.memory.zonelist_order(), ZonelistOrder::node);
  EXPECT_EQ(names(w.memory.zonelist(NodeId{0}, GFP_KERNEL)),
            (Names{"0 DMA32", "0 DMA", "1 Normal", "2 Normal", "3 Normal"}));
}

TEST(Zonelists, PreferHigherIdsAmongEquallyDistantNodes) {
  KernelConfig config;
  config.zonelists_see_all_cpus = true;
  World w{gib_layout({8, 8, 8, 8}), config};
  EXPECT_EQ(names(w.memory.zonelist(NodeId{2}, GFP_KERNEL)),
            (Names{"2 Normal", "3 Normal", "0 Normal", "1 Normal", "0 DMA32", "0 DMA"}));
}

TEST(Zonelists, AvoidTheNodeOfTheOnlyCpuThatRunsWhenTheyAreBuilt) {
  World w{gib_layout({8, 8, 8, 8})};
  EXPECT_EQ(names(w.memory.zonelist(NodeId{2}, GFP_KERNEL)),
            (Names{"2 Normal", "3 Normal", "1 Normal", "0 Normal", "0 DMA32", "0 DMA"}));
}

TEST(Zonelists, HoldOneNodeForThisnodeRequestsAndHaveNoCache) {
  World w{gib_layout({8, 8})};
  Zonelist& list = w.memory.zonelist(NodeId{0}, GFP_KERNEL | __GFP_THISNODE);
  EXPECT_EQ(names(list), (Names{"0 Normal", "0 DMA32", "0 DMA"}));
  EXPECT_FALSE(list.cache.has_value());
}

TEST(Zonelists, TurnZoneReclaimOnWhenANodeIsFurtherThan20) {
  MachineLayout layout = gib_layout({1, 1});
  EXPECT_EQ(World{layout}.memory.zone_reclaim_mode(), 0);
  layout.distance[0][1] = layout.distance[1][0] = 21;
  EXPECT_EQ(World{layout}.memory.zone_reclaim_mode(), 1);
}

TEST(ZonelistCache, HidesAFullZoneFromTheFirstScanForASecond) {
  World w{small_layout(3, 16)};
  w.leave_free(w.zone(0), PageCount{0});
  w.leave_free(w.zone(1), PageCount{0});
  ASSERT_TRUE(got(w.alloc(GFP_KERNEL)));  // marks node 1 full: node 0 was seen before the set-up
  w.give_back(w.zone(1), 1000);
  w.story();
  ASSERT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story().back(), "got node 2 DMA32");
  w.machine.advance(std::chrono::milliseconds{1100});
  ASSERT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(w.story().back(), "got node 1 DMA32");
}

TEST(ZonelistWalk, PaysForAFullZoneOfAnotherNodeThatAnotherCpuSawLast) {
  KernelConfig config = World::exact();
  config.zonelist_cache = false;
  config.percpu_pagelist_fraction = 8;  // one refill is enough for all that follows
  World w{small_layout(3, 16), config};
  w.leave_free(w.zone(0), PageCount{0});
  w.leave_free(w.zone(1), PageCount{0});
  const auto cycles_on = [&w](std::uint16_t cpu) {
    w.task.cpu = CpuId{cpu};
    EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
    return w.task.meter.take().value;
  };
  const std::int64_t far = CostModel{}.remote_zone_full.value;
  cycles_on(0);
  cycles_on(1);
  const std::int64_t seen_by_other = cycles_on(0);
  const std::int64_t seen_by_itself = cycles_on(0);
  cycles_on(1);

  EXPECT_EQ(seen_by_other - seen_by_itself, far);
  EXPECT_EQ(cycles_on(0), seen_by_other);
}

TEST(Cpusets, KeepUserPagesInsideAndLetKernelPagesOutToTheExclusiveAncestor) {
  World w{small_layout(3, 16)};
  Cpusets& sets = w.memory.cpusets();
  NodeMask two, one;
  two.set(0).set(1);
  one.set(0);
  const Cpuset& parent = sets.add("/job", sets.root(), two, true);
  Cpusets::attach(w.task, sets.add("/job/part", parent, one, false));
  EXPECT_TRUE(sets.allows_softwall(w.task, NodeId{0}, GFP_USER));
  EXPECT_FALSE(sets.allows_softwall(w.task, NodeId{1}, GFP_USER));
  EXPECT_TRUE(sets.allows_softwall(w.task, NodeId{1}, GFP_KERNEL));
  EXPECT_FALSE(sets.allows_softwall(w.task, NodeId{2}, GFP_KERNEL));
  EXPECT_FALSE(sets.allows_hardwall(w.task, NodeId{1}, GFP_KERNEL));
}

TEST(Cpusets, StandAsideForInterruptsThisnodeAndDyingTasks) {
  World w;
  Cpusets& sets = w.memory.cpusets();
  Cpusets::attach(w.task, sets.add("/a", sets.root(), NodeMask{1}, true));
  const NodeId other{1};
  EXPECT_FALSE(sets.allows_hardwall(w.task, other, GFP_KERNEL));
  EXPECT_TRUE(sets.allows_hardwall(w.task, other, GFP_KERNEL | __GFP_THISNODE));
  w.task.memdie = true;
  EXPECT_TRUE(sets.allows_hardwall(w.task, other, GFP_USER));
  w.task.memdie = false;
  w.task.in_interrupt = true;
  EXPECT_TRUE(sets.allows_softwall(w.task, other, GFP_USER));
}

TEST(Gfp, NamesRoundTripForEveryFlagAndGroup) {
  for (const auto& named : kGfpFlags) EXPECT_EQ(parse_gfp(to_string(named.mask)), named.mask);
  for (const auto& named : kGfpGroups) {
    EXPECT_EQ(parse_gfp(named.name), named.mask) << named.name;
    EXPECT_EQ(parse_gfp(to_string(named.mask)), named.mask) << named.name;
  }
  EXPECT_EQ(parse_gfp("GFP_KERNEL | __GFP_COMP"), GFP_KERNEL | __GFP_COMP);
  EXPECT_EQ(parse_gfp("0x200d2"), GFP_HIGHUSER);
  EXPECT_EQ(parse_gfp("208"), GFP_KERNEL);
  EXPECT_EQ(parse_gfp("GFP_KERNAL"), std::nullopt);
  EXPECT_EQ(parse_gfp("0x8"), std::nullopt);  // an unused bit
  EXPECT_EQ(parse_gfp(""), std::nullopt);
}

}  // namespace
}  // namespace numasim
