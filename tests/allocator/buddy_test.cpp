#include "allocator/buddy.hpp"

#include <gtest/gtest.h>

#include "tests/support/buddy_frames.hpp"

namespace numasim {
namespace {

using Frames = BuddyFrames;
using Pfns = std::vector<std::uint64_t>;

TEST(Buddy, MergesUpToTheTopOrderWhenAllPagesComeBack) {
  Frames f{2048};
  for (std::uint64_t pfn = 0; pfn < 2048; ++pfn) f.buddy.give(Pfn{pfn}, Order{0});
  EXPECT_EQ(f.list(10, MigrateType::movable), (Pfns{1024, 0}));  // the last one freed comes first
  EXPECT_EQ(f.buddy.free_pages(), PageCount{2048});
  f.buddy.check();
}

TEST(Buddy, HandsOutTheLowestPagesAndFilesTheUpperHalves) {
  Frames f{1024};
  f.buddy.give(Pfn{0}, Order{10});
  EXPECT_EQ(f.buddy.take(Order{0}, MigrateType::movable)->pfn, Pfn{0});
  EXPECT_EQ(f.buddy.take(Order{0}, MigrateType::movable)->pfn, Pfn{1});
  EXPECT_EQ(f.list(1, MigrateType::movable), Pfns{2});
  EXPECT_EQ(f.list(9, MigrateType::movable), Pfns{512});
  f.buddy.check();
}

TEST(Buddy, NeverMergesAcrossTheEndOfTheZone) {
  FrameTable table{Pfn{1024}};
  Pageblocks blocks{Order{9}, Pfn{1024}};
  Buddy lower{table, blocks, {Pfn{0}, Pfn{512}}};
  Buddy upper{table, blocks, {Pfn{512}, Pfn{1024}}};
  upper.give(Pfn{512}, Order{9});
  EXPECT_EQ(lower.give(Pfn{0}, Order{9}), 0u);
  EXPECT_EQ(lower.blocks(Order{9}), 1);
}

TEST(Buddy, FilesAMergedBlockUnderTheTypeOfThePageThatWasFreed) {
  Frames f{1024};
  f.blocks.set_type(Pfn{512}, MigrateType::unmovable);
  f.buddy.give(Pfn{512}, Order{9});
  f.buddy.give(Pfn{0}, Order{9});
  EXPECT_EQ(f.list(10, MigrateType::movable), Pfns{0});
  EXPECT_EQ(f.list(10, MigrateType::unmovable), Pfns{});
}

TEST(Buddy, StealsTheLargestBlockAndRetypesItsPageblock) {
  Frames f{2048};
  f.buddy.give(Pfn{0}, Order{3});
  f.buddy.give(Pfn{512}, Order{9});
  const auto taken = f.buddy.take(Order{0}, MigrateType::unmovable);
  ASSERT_TRUE(taken && taken->fallback);
  EXPECT_EQ(taken->pfn, Pfn{512});
  EXPECT_EQ(taken->fallback->from, MigrateType::movable);
  EXPECT_EQ(f.blocks.stored_type(Pfn{512}), MigrateType::unmovable);
  EXPECT_EQ(f.list(8, MigrateType::unmovable), Pfns{768});  // the remainder follows
  f.buddy.check();
}

TEST(Buddy, LeavesTheRemainderOfASmallStolenBlockWithItsOwner) {
  Frames f{2048};
  f.buddy.give(Pfn{0}, Order{3});
  ASSERT_TRUE(f.buddy.take(Order{0}, MigrateType::unmovable));
  EXPECT_EQ(f.blocks.stored_type(Pfn{0}), MigrateType::movable);
  EXPECT_EQ(f.list(2, MigrateType::movable), Pfns{4});
}

TEST(Buddy, MovesSmallBlocksForReclaimableRequestsToo) {
  Frames f{2048};
  f.buddy.give(Pfn{0}, Order{3});
  ASSERT_TRUE(f.buddy.take(Order{0}, MigrateType::reclaimable));
  EXPECT_EQ(f.list(2, MigrateType::reclaimable), Pfns{4});
  EXPECT_EQ(f.blocks.stored_type(Pfn{0}), MigrateType::movable);  // less than half was free
}

TEST(Buddy, RetypesOnlyTheFirstPageblockOfATopBlock) {
  Frames f{1024};
  f.buddy.give(Pfn{0}, Order{10});
  ASSERT_TRUE(f.buddy.take(Order{0}, MigrateType::unmovable));
  EXPECT_EQ(f.blocks.stored_type(Pfn{0}), MigrateType::unmovable);
  EXPECT_EQ(f.blocks.stored_type(Pfn{512}), MigrateType::movable);
  EXPECT_EQ(f.list(9, MigrateType::unmovable), Pfns{512});
}

TEST(Buddy, TouchesTheReserveOnlyWhenNothingElseIsLeft) {
  Frames f{1024};
  f.blocks.set_type(Pfn{0}, MigrateType::reserve);
  f.buddy.give(Pfn{0}, Order{0});
  f.buddy.give(Pfn{512}, Order{5});
  EXPECT_EQ(f.buddy.take(Order{5}, MigrateType::unmovable)->pfn, Pfn{512});
  EXPECT_EQ(f.buddy.take(Order{0}, MigrateType::unmovable)->pfn, Pfn{0});
  EXPECT_EQ(f.blocks.stored_type(Pfn{0}), MigrateType::reserve);
  EXPECT_FALSE(f.buddy.take(Order{0}, MigrateType::unmovable));
}

TEST(Buddy, DoesNotMoveAPageblockThatCrossesTheZoneEnd) {
  FrameTable table{Pfn{1024}};
  Pageblocks blocks{Order{9}, Pfn{1024}};
  Buddy buddy{table, blocks, {Pfn{0}, Pfn{700}}};
  buddy.give(Pfn{512}, Order{6});
  EXPECT_EQ(buddy.move_pageblock(Pfn{512}, MigrateType::movable), PageCount{0});
}

TEST(Buddy, ServesTheReserveFromItsOwnListsAlone) {
  Frames f{2048};
  f.buddy.give(Pfn{0}, Order{10});
  EXPECT_FALSE(f.buddy.take(Order{0}, MigrateType::reserve));
  f.blocks.set_type(Pfn{1024}, MigrateType::reserve);
  f.buddy.give(Pfn{1024}, Order{10});
  EXPECT_EQ(f.buddy.take(Order{0}, MigrateType::reserve)->pfn, Pfn{1024});
}

}  // namespace
}  // namespace numasim
