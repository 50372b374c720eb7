// Swap slots, the readahead window and the swap token.

#include <gtest/gtest.h>

#include "allocator/swap.hpp"
#include "allocator/swap_token.hpp"

namespace numasim {
namespace {

SwapAreaLayout area(std::int64_t slots, std::optional<int> priority = std::nullopt) {
  return {.device = DeviceId{0}, .first_sector = 800, .size = {slots + 1}, .priority = priority};
}

SwapSpace one_area(std::int64_t slots) {
  SwapSpace swap;
  swap.swapon(area(slots));
  return swap;
}

void take(SwapSpace& swap, int slots) {
  for (int i = 0; i < slots; ++i) ASSERT_TRUE(swap.get_swap_page());
}

/// The next slots as "area:offset".
std::string next(SwapSpace& swap, int slots) {
  std::string text;
  for (int i = 0; i < slots; ++i) {
    const std::optional<SwapEntry> entry = swap.get_swap_page();
    text += text.empty() ? "" : " ";
    text += entry ? std::to_string(entry->area()) + ':' + std::to_string(entry->offset()) : "none";
  }
  swap.check();
  return text;
}

SwapEntry slot(std::uint32_t offset) { return SwapEntry::of(0, offset); }

TEST(SwapSlots, AreGivenInOrderAfterTheHeader) {
  SwapSpace swap = one_area(1000);
  EXPECT_EQ(next(swap, 3), "0:1 0:2 0:3");
  EXPECT_EQ(swap.sector_of(slot(1)), 808u);
  EXPECT_EQ(swap.free_slots(), PageCount{997});
}

TEST(SwapSlots, InsideAClusterComeAfterTheLastOneGiven) {
  SwapSpace swap = one_area(1000);
  take(swap, 10);
  swap.free(slot(3));
  EXPECT_EQ(next(swap, 1), "0:11");
}

TEST(SwapSlots, BeginANewClusterAtTheFirstRunOf256FreeOnes) {
  SwapSpace swap = one_area(2000);
  take(swap, 256);
  for (std::uint32_t offset = 10; offset < 200; ++offset) swap.free(slot(offset));
  EXPECT_EQ(next(swap, 2), "0:257 0:258");  // 190 free ones in a row are too few
}

TEST(SwapSlots, NeedNoAlignmentToBeACluster) {
  SwapSpace swap = one_area(2000);
  take(swap, 2 * 256);
  for (std::uint32_t offset = 7; offset < 7 + 256; ++offset) swap.free(slot(offset));
  EXPECT_EQ(next(swap, 1), "0:7");
}

TEST(SwapSlots, AreTheFirstFreeOnesWhenNoClusterIsLeft) {
  SwapSpace swap = one_area(512);
  take(swap, 512);
  for (std::uint32_t offset = 2; offset <= 512; offset += 2) swap.free(slot(offset));
  EXPECT_EQ(next(swap, 3), "0:2 0:4 0:6");
}

TEST(SwapSlots, RunOut) {
  SwapSpace swap = one_area(3);
  EXPECT_EQ(next(swap, 4), "0:1 0:2 0:3 none");
  swap.free(slot(2));
  EXPECT_EQ(next(swap, 2), "0:2 none");
}

TEST(SwapSlots, ComeFromTheAreaOfHighestPriorityFirst) {
  SwapSpace swap;
  swap.swapon(area(2, 1));
  swap.swapon(area(2, 5));
  EXPECT_EQ(next(swap, 4), "1:1 1:2 0:1 0:2");
}

TEST(SwapSlots, ComeFromAreasOfEqualPriorityInTurn) {
  SwapSpace swap;
  swap.swapon(area(9, 3));
  swap.swapon(area(9, 3));
  swap.swapon(area(9, 2));
  EXPECT_EQ(next(swap, 5), "0:1 1:1 0:2 1:2 0:3");
}

TEST(SwapSlots, ComeFromEarlierAreasWhenNoPriorityIsGiven) {
  SwapSpace swap;
  swap.swapon(area(2));
  swap.swapon(area(2));
  EXPECT_EQ(next(swap, 3), "0:1 0:2 1:1");
}

TEST(SwapSlots, ComeFromABetterAreaAgainOnceItHasRoom) {
  SwapSpace swap;
  swap.swapon(area(2, 5));
  swap.swapon(area(9, 1));
  EXPECT_EQ(next(swap, 3), "0:1 0:2 1:1");
  swap.free(SwapEntry::of(0, 2));
  EXPECT_EQ(next(swap, 2), "0:2 1:2");
}

TEST(SwapSlots, AreFreeWhenTheirLastUserIsGone) {
  SwapSpace swap = one_area(5);
  const SwapEntry entry = *swap.get_swap_page();
  EXPECT_TRUE(swap.duplicate(entry));
  EXPECT_EQ(swap.free(entry), 1);
  EXPECT_EQ(swap.free_slots(), PageCount{4});
  EXPECT_EQ(swap.free(entry), 0);
  EXPECT_EQ(swap.free_slots(), PageCount{5});
  EXPECT_FALSE(swap.duplicate(entry));
}

TEST(SwapSlots, AreNotKeptForCleanPagesOnceMoreThanHalfAreInUse) {
  SwapSpace swap = one_area(10);
  take(swap, 5);
  EXPECT_FALSE(swap.full());
  take(swap, 1);
  EXPECT_TRUE(swap.full());
}

TEST(SwapReadahead, ReadsTheAlignedGroupOfSlots) {
  SwapSpace swap = one_area(100);
  take(swap, 100);
  const SwapSpace::Window window = swap.readahead_window(slot(21), 3);
  EXPECT_EQ(window.first.offset(), 16u);
  EXPECT_EQ(window.length, 8u);
}

TEST(SwapReadahead, LeavesOutTheHeader) {
  SwapSpace swap = one_area(100);
  take(swap, 100);
  const SwapSpace::Window window = swap.readahead_window(slot(5), 3);
  EXPECT_EQ(window.first.offset(), 1u);
  EXPECT_EQ(window.length, 7u);
}

TEST(SwapReadahead, StopsAtTheFirstFreeSlotEvenBeforeTheOneThatIsMissed) {
  SwapSpace swap = one_area(100);
  take(swap, 100);
  swap.free(slot(19));
  EXPECT_EQ(swap.readahead_window(slot(21), 3).length, 3u);
  EXPECT_EQ(swap.readahead_window(slot(17), 3).length, 3u);
}

TEST(SwapReadahead, StopsAtTheEndOfTheArea) {
  SwapSpace swap = one_area(18);
  take(swap, 18);
  EXPECT_EQ(swap.readahead_window(slot(17), 3).length, 3u);
}

TEST(SwapReadahead, IsSwitchedOffByPageClusterZero) {
  SwapSpace swap = one_area(100);
  take(swap, 100);
  EXPECT_EQ(swap.readahead_window(slot(21), 0).length, 0u);
}

TEST(SwapToken, GoesToTheFirstThatMisses) {
  SwapToken token;
  SwapTokenState a, b;
  token.grab(a);
  token.grab(b);
  EXPECT_TRUE(token.held_by(a));
  EXPECT_EQ(a.priority, 2u);
}

TEST(SwapToken, GoesToWhoMissesEverMoreOften) {
  SwapToken token;
  SwapTokenState a, b;
  token.grab(a);
  for (int i = 0; i < 3; ++i) token.grab(b);  // intervals 2, 1, 1: one shorter than before
  EXPECT_TRUE(token.held_by(a));
  EXPECT_EQ(b.priority, 0u);
  b.last_interval = 100;
  token.grab(b);
  token.grab(b);
  EXPECT_TRUE(token.held_by(a));
}

TEST(SwapToken, IsTakenOverByAHigherPriority) {
  SwapToken token;
  SwapTokenState a, b;
  token.grab(a);
  b.priority = 2;
  b.last_interval = 100;
  token.grab(b);
  EXPECT_TRUE(token.held_by(b));
  EXPECT_EQ(b.priority, 5u);
}

TEST(SwapToken, IsDroppedWhenItsHolderGoesOrReclaimIsInTrouble) {
  SwapToken token;
  SwapTokenState a, b;
  token.grab(a);
  token.put(b);
  EXPECT_TRUE(token.held_by(a));
  token.put(a);
  EXPECT_FALSE(token.held_by(a));
  token.grab(b);
  token.disable();
  EXPECT_FALSE(token.held_by(b));
}

}  // namespace
}  // namespace numasim
