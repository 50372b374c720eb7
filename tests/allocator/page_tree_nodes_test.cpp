// How many nodes the tree of a file's pages takes: as many as the pages need, whatever the order
// in which they came and went.

#include "allocator/page_tree_nodes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/support/world.hpp"

namespace numasim {
namespace {

constexpr std::int64_t kNodesPerSlab = 7;

struct Trees {
  Trees() {
    file.id = 1;
    other.id = 2;
  }
  bool add(const Mapping& to, PageIndex page) {
    return trees.add(world.task, to, page, GFP_KERNEL);
  }
  /// Nodes in use once the page is there.
  std::int64_t with(PageIndex page) {
    EXPECT_TRUE(add(file, page));
    return nodes();
  }
  std::int64_t without(PageIndex page) {
    trees.remove(OnCpu{world.task}, file, page);
    return nodes();
  }
  std::int64_t nodes() const { return slabs.objects(SlabKind::radix_tree_node); }

  World world;
  MemPolicies policies{world.memory};
  SlabCaches slabs{world.allocator, policies};
  PageTreeNodes trees{slabs};
  Mapping file, other;
};

TEST(PageTreeNodes, StandAsHighAsTheLastPageNeeds) {
  Trees t;
  EXPECT_EQ(t.with(0), 0) << "the tree is the page itself";
  EXPECT_EQ(t.with(63), 1) << "which becomes the first child of a node";
  EXPECT_EQ(t.with(1), 1);
  EXPECT_EQ(t.with(64), 3) << "a second leaf, and a root above both";
  EXPECT_EQ(t.with(4095), 4);
  EXPECT_EQ(t.with(4096), 7) << "a root above that, and the way down to one page";
  EXPECT_EQ(t.with(4097), 7);
}

TEST(PageTreeNodes, LeadToALonePageFromTheTopWithoutTheFirstLeaf) {
  Trees t;
  EXPECT_EQ(t.with(64), 2);
  EXPECT_EQ(t.without(64), 0);
  EXPECT_EQ(t.with(4096), 3);
  EXPECT_EQ(t.with(0), 5) << "the way from the root to the first page is not there yet";
}

TEST(PageTreeNodes, GoFromBothEndsWhenPagesGo) {
  Trees t;
  for (const PageIndex page : {0, 63, 64, 4096}) t.with(page);
  ASSERT_EQ(t.nodes(), 6);
  EXPECT_EQ(t.without(4096), 3) << "the way to it, and the root that leads nowhere else";
  EXPECT_EQ(t.without(64), 1);
  EXPECT_EQ(t.without(63), 0) << "page 0 alone needs none";
  EXPECT_EQ(t.without(0), 0);
  t.slabs.check();
}

TEST(PageTreeNodes, KeepTheirHeightForALastPageThatStays) {
  Trees t;
  for (const PageIndex page : {0, 64, 4096}) t.with(page);
  ASSERT_EQ(t.nodes(), 6);
  EXPECT_EQ(t.without(0), 5);
  EXPECT_EQ(t.without(64), 3);
  EXPECT_EQ(t.without(4096), 0);
}

TEST(PageTreeNodes, OfTwoFilesHaveNothingInCommon) {
  Trees t;
  EXPECT_EQ(t.with(64), 2);
  EXPECT_TRUE(t.add(t.other, 64));
  EXPECT_EQ(t.nodes(), 4);
  EXPECT_EQ(t.without(64), 2);
}

TEST(PageTreeNodes, CountAPageThatTwoTasksAddAsOneWhenItIsTakenBackOnce) {
  for (const PageIndex page : {0, 5, 64}) {
    Trees t;
    const std::int64_t once = t.with(page);
    EXPECT_EQ(t.with(page), once);
    EXPECT_EQ(t.without(page), once) << "the page of the other task is still there";
    EXPECT_EQ(t.without(page), 0);
  }
}

TEST(PageTreeNodes, StayAsTheyWereWhenThereIsNoMemoryForAll) {
  Trees t;
  for (PageIndex leaf = 1; leaf < 6; ++leaf) t.with(leaf * 64);  // with the root, all but one
  ASSERT_EQ(t.nodes(), kNodesPerSlab - 1);
  for (Zone* zone : t.world.memory.zones()) t.world.leave_free(*zone, {0});
  EXPECT_FALSE(t.trees.add(t.world.task, t.file, 4096, GFP_KERNEL | __GFP_NORETRY))
      << "it takes three";
  EXPECT_EQ(t.nodes(), kNodesPerSlab - 1);
  t.slabs.check();
  EXPECT_EQ(t.with(384), kNodesPerSlab);
}

/// The nodes of a tree of these pages, told from the pages alone.
std::int64_t nodes_for(const std::set<PageIndex>& pages) {
  std::int64_t count = 0;
  if (pages.empty()) return count;
  for (unsigned shift = 6; *pages.rbegin() >> (shift - 6) > 0; shift += 6) {
    std::set<PageIndex> of_level;
    for (const PageIndex page : pages) of_level.insert(page >> shift);
    count += static_cast<std::int64_t>(of_level.size());
  }
  return count;
}

TEST(PageTreeNodes, AreThoseOfThePagesAfterAnyAdditionsAndRemovals) {
  Trees t;
  std::mt19937 random{1};
  std::set<PageIndex> pages;
  std::set<std::int64_t> seen;
  for (int step = 0; step < 20'000; ++step) {
    // Trees of any height, and often empty ones: the indexes of a while lie below one power of 2.
    const PageIndex limit = PageIndex{1} << (step / 500 % 20);
    const bool grows = step / 50 % 2 == 0;
    const PageIndex page = static_cast<PageIndex>(random()) % limit;
    if (grows) {
      if (pages.insert(page).second) t.with(page);
    } else if (!pages.empty()) {
      auto victim = pages.lower_bound(page);
      if (victim == pages.end()) victim = pages.begin();
      t.without(*victim);
      pages.erase(victim);
    }
    ASSERT_EQ(t.nodes(), nodes_for(pages)) << "step " << step;
    seen.insert(t.nodes());
  }
  EXPECT_GT(seen.size(), 50u);
  t.slabs.check();
}

}  // namespace
}  // namespace numasim
