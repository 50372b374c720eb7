// Pitfalls 21 to 26: free lists, fallback and pageblocks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/kernel.hpp"
#include "tests/support/buddy_frames.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;

constexpr auto kMovable = MigrateType::movable;
constexpr auto kUnmovable = MigrateType::unmovable;
constexpr auto kReclaimable = MigrateType::reclaimable;
constexpr auto kReserve = MigrateType::reserve;

TEST(Pitfall, P21_FallbackTakesTheLargestBlockFirst) {
  BuddyFrames f{4096};
  f.blocks.set_type(Pfn{0}, kReclaimable);
  f.buddy.give(Pfn{0}, Order{2});
  f.buddy.give(Pfn{1024}, Order{6});
  EXPECT_EQ(f.buddy.take(Order{0}, kUnmovable)->pfn, Pfn{1024}) << "though reclaimable comes first";
}

TEST(Pitfall, P21_InsideAnOrderFallbackGoesByTheTable) {
  for (const auto& [wanted, first] : {std::pair{kUnmovable, kReclaimable},
                                      {kReclaimable, kUnmovable},
                                      {kMovable, kReclaimable}}) {
    BuddyFrames f{4096};
    Pfn block{0};
    for (const MigrateType type : {kUnmovable, kReclaimable, kMovable}) {
      f.blocks.set_type(block, type);
      if (type != wanted) f.buddy.give(block, Order{3});
      block = block + PageCount{1024};
    }
    EXPECT_EQ(f.buddy.take(Order{0}, wanted)->fallback->from, first) << index(wanted);
  }
}

TEST(Pitfall, P21_TheReserveComesLastAndSmallestFirst) {
  BuddyFrames f{4096};
  f.blocks.set_type(Pfn{0}, kReserve);
  f.buddy.give(Pfn{0}, Order{0});
  f.buddy.give(Pfn{64}, Order{6});
  f.buddy.give(Pfn{1024}, Order{0});
  EXPECT_EQ(f.buddy.take(Order{0}, kUnmovable)->pfn, Pfn{1024});
  EXPECT_EQ(f.buddy.take(Order{0}, kUnmovable)->pfn, Pfn{0});
  EXPECT_EQ(f.buddy.take(Order{0}, kUnmovable)->pfn, Pfn{64});
}

TEST(Pitfall, P22_StealsFromHalfAPageblockOrderOrForReclaimableRequests) {
  const auto remainder_goes_to = [](std::uint8_t order, MigrateType wanted) {
    BuddyFrames f{4096};
    f.buddy.give(Pfn{1024}, Order{order});
    EXPECT_TRUE(f.buddy.take(Order{0}, wanted));
    return f.list(static_cast<std::uint8_t>(order - 1), wanted).empty() ? kMovable : wanted;
  };
  EXPECT_EQ(remainder_goes_to(3, kUnmovable), kMovable);
  EXPECT_EQ(remainder_goes_to(4, kUnmovable), kUnmovable) << "9 / 2 = 4";
  EXPECT_EQ(remainder_goes_to(1, kReclaimable), kReclaimable);
}

TEST(Pitfall, P22_ClaimsThePageblockIfHalfOfItWasMoved) {
  BuddyFrames f{4096};
  f.buddy.give(Pfn{0}, Order{7});
  f.buddy.give(Pfn{256}, Order{7});  // with it 256 of 512
  ASSERT_TRUE(f.buddy.take(Order{0}, kUnmovable));
  EXPECT_EQ(f.blocks.stored_type(Pfn{0}), kUnmovable);
  f.buddy.give(Pfn{1024}, Order{7});
  f.buddy.give(Pfn{1024 + 256}, Order{6});  // 192
  ASSERT_TRUE(f.buddy.take(Order{7}, kReclaimable));
  EXPECT_EQ(f.blocks.stored_type(Pfn{1024}), kMovable);
}

TEST(Pitfall, P22_OfATopBlockWithSmallPageblocksOnlyTheFirstIsRetyped) {
  BuddyFrames f{1024};
  f.buddy.give(Pfn{0}, Order{10});
  ASSERT_TRUE(f.buddy.take(Order{0}, kUnmovable));
  EXPECT_EQ(f.blocks.stored_type(Pfn{0}), kUnmovable);
  EXPECT_EQ(f.blocks.stored_type(Pfn{512}), kMovable);
  EXPECT_THAT(f.list(9, kUnmovable), ElementsAre(512)) << "its list and its type differ";
  BuddyFrames large{1024, 10};
  large.buddy.give(Pfn{0}, Order{10});
  ASSERT_TRUE(large.buddy.take(Order{0}, kUnmovable));
  EXPECT_EQ(large.blocks.stored_type(Pfn{0}), kUnmovable);
}

TEST(Pitfall, P23_AMergedBlockIsFiledByThePageThatWasFreed) {
  BuddyFrames f{1024};
  f.blocks.set_type(Pfn{0}, kUnmovable);
  f.buddy.give(Pfn{0}, Order{9});
  f.buddy.give(Pfn{512}, Order{9});
  EXPECT_THAT(f.list(10, kMovable), ElementsAre(0)) << "its head is in the unmovable pageblock";
  EXPECT_THAT(f.list(10, kUnmovable), ElementsAre());
}

TEST(Pitfall, P24_BlocksComeAndGoAtTheHead) {
  BuddyFrames f{4096};
  for (const std::uint64_t pfn : {8, 24, 40}) f.buddy.give(Pfn{pfn}, Order{3});
  EXPECT_THAT(f.list(3, kMovable), ElementsAre(40, 24, 8));
  EXPECT_EQ(f.buddy.take(Order{3}, kMovable)->pfn, Pfn{40});
}

TEST(Pitfall, P24_AfterBootTheHighestBlockComesFirstAndItsPagesAscending) {
  World w{small_layout(1, 64), World::exact()};
  Zone& zone = w.memory.node(NodeId{0}).zone(ZoneType::dma32);
  const OnCpu on{w.task};
  const Pfn first = *zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE);
  EXPECT_EQ(first, Pfn{15 * 1024});
  EXPECT_EQ(*zone.take(on, Order{0}, GFP_HIGHUSER_MOVABLE), first + PageCount{1});
}

TEST(Pitfall, P25_TheLowestMovablePageblocksAreReservedAndAtLeastOneAZone) {
  World w{small_layout(1, 256)};
  for (const Zone* zone : w.memory.zones()) {
    const Pageblocks& blocks = w.memory.commons().pageblocks;
    std::int64_t reserved = 0;
    for (Pfn pfn = zone->start(); pfn < zone->end(); pfn = pfn + blocks.pages()) {
      if (blocks.stored_type(pfn) != kReserve) continue;
      EXPECT_EQ(pfn, zone->start() + PageCount{512 * reserved}) << "the lowest";
      ++reserved;
    }
    EXPECT_EQ(reserved, (zone->marks.min.value + 511) / 512);
    EXPECT_GE(reserved, 1);
  }
}

TEST(Pitfall, P25_NothingIsReservedWhereGroupingIsOff) {
  World w{small_layout(1, 8)};  // less than five pageblocks
  ASSERT_FALSE(w.memory.commons().pageblocks.grouping());
  const Pageblocks& blocks = w.memory.commons().pageblocks;
  for (std::uint64_t pfn = 0; pfn < 2048; pfn += 512)
    EXPECT_NE(blocks.stored_type(Pfn{pfn}), kReserve);
}

/// Hears blocks that change their type.
struct Fallbacks final : Observer {
  std::vector<event::Fallback> all;
  void on(const Task&, const Event& event) override {
    if (const auto* fallback = std::get_if<event::Fallback>(&event)) all.push_back(*fallback);
  }
};

TEST(Pitfall, P26_TheFirstKernelPageIsAFallbackThatRetypesItsBlock) {
  World w{small_layout(1, 64), World::exact()};
  Fallbacks fallbacks;
  w.memory.steps().listen(&fallbacks);
  const Pfn page = std::get<Pfn>(w.alloc(GFP_KERNEL));
  ASSERT_EQ(fallbacks.all.size(), 1u);
  EXPECT_EQ(fallbacks.all[0].from, kMovable);
  EXPECT_EQ(fallbacks.all[0].found, Order{10});
  EXPECT_EQ(w.memory.commons().pageblocks.stored_type(page), kUnmovable);
}

TEST(Pitfall, P26_AnAnonymousReadFaultTakesAZeroedPage) {
  FakeMachine machine;
  Kernel kernel(small_layout(1, 32), World::exact(), {}, machine, 1);
  Task task;
  task.id = TaskId{1};
  kernel.enter(task);
  kernel.map(task, "heap", {64}, "", false, std::nullopt);
  EXPECT_EQ(kernel.touch(task, "heap", 0, {64}, false), Done::all);
  EXPECT_EQ(kernel.memory().global(ZoneStat::anon_pages), 64);
  EXPECT_GE(machine.touched(NodeId{0}, Traffic::zero).value, 64 * kPageBytes);
}

}  // namespace
}  // namespace numasim
