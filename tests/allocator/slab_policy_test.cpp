// Which node a small kernel object comes from: what the task's memory policy says, each time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocator/slab.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

using Mode = MemPolicy::Mode;
using testing::Each;
using testing::ElementsAre;

constexpr NodeId kFirst{0}, kSecond{1}, kThird{2};
constexpr int kObjectsOfASlab = 37;

/// Three nodes with a CPU each; the task runs on the first.
struct Slabs {
  NodeId take_one() {
    const auto object = slabs.alloc(world.task, SlabKind::buffer_head, GFP_KERNEL);
    EXPECT_TRUE(object);
    objects.push_back(*object);
    return world.memory.zone_of(object->slab).id().node;
  }
  /// The nodes of the next objects, by number.
  std::vector<int> take(int count) {
    std::vector<int> nodes;
    for (int i = 0; i < count; ++i) nodes.push_back(take_one().value);
    return nodes;
  }
  void follow(Mode mode, std::vector<NodeId> nodes) {
    policy = policies.make(mode, std::move(nodes));
    world.task.policy = &policy;
  }
  /// Slab pages on a node.
  std::int64_t pages(NodeId node) {
    return world.zone(node.value).counters.read(ZoneStat::slab_reclaimable);
  }

  World world{small_layout(3, 16)};
  MemPolicies policies{world.memory};
  SlabCaches slabs{world.allocator, policies};
  MemPolicy policy;
  std::vector<SlabObject> objects;
};

TEST(SlabObjects, ComeFromTheNodeOfTheCpuWithoutAPolicy) {
  Slabs s;
  EXPECT_THAT(s.take(100), Each(0));
  s.world.task.cpu = CpuId{2};
  EXPECT_THAT(s.take(100), Each(2));
  EXPECT_EQ(s.pages(kSecond), 0);
}

TEST(SlabObjects, OfATaskThatInterleavesTakeOneStepEach) {
  Slabs s;
  s.follow(Mode::interleave, {kFirst, kSecond, kThird});
  EXPECT_THAT(s.take(7), ElementsAre(0, 1, 2, 0, 1, 2, 0));
  EXPECT_EQ(s.policy.il_next, kSecond);
  s.take(3 * kObjectsOfASlab - 7);
  for (const NodeId node : {kFirst, kSecond, kThird}) EXPECT_EQ(s.pages(node), 1) << node.value;
  s.slabs.check();
}

TEST(SlabObjects, OfATaskThatInterleavesPassOverNodesItDoesNotName) {
  Slabs s;
  s.follow(Mode::interleave, {kSecond, kThird});
  EXPECT_THAT(s.take(5), ElementsAre(1, 2, 1, 2, 1));
  EXPECT_EQ(s.pages(kFirst), 0);
}

TEST(SlabObjects, ComeFromThePreferredNodeWithNewPagesOfIt) {
  Slabs s;
  s.take(1);  // the first node has objects to spare
  s.follow(Mode::preferred, {kThird});
  EXPECT_THAT(s.take(kObjectsOfASlab + 1), Each(2));
  EXPECT_EQ(s.pages(kFirst), 1);
  EXPECT_EQ(s.pages(kThird), 2);
}

TEST(SlabObjects, ComeFromTheCpusNodeWhereNoNodeIsPreferred) {
  Slabs s;
  s.follow(Mode::preferred, {});
  s.world.task.cpu = CpuId{1};
  EXPECT_THAT(s.take(3), Each(1));
}

TEST(SlabObjects, ComeFromOtherNodesWhenThePreferredOneIsFull) {
  Slabs s;
  s.world.leave_free(s.world.zone(2), {0});
  s.follow(Mode::preferred, {kThird});
  EXPECT_THAT(s.take(3), Each(testing::Ne(2)));
  s.slabs.check();
}

TEST(SlabObjects, FollowNoPolicyInAnInterrupt) {
  Slabs s;
  s.follow(Mode::interleave, {kSecond, kThird});
  s.world.task.in_interrupt = true;
  EXPECT_THAT(s.take(3), Each(0));
  EXPECT_EQ(s.policy.il_next, kSecond) << "and take no step of it";
}

TEST(SlabObjects, AreCountedUntilTheyAreFreed) {
  Slabs s;
  s.follow(Mode::interleave, {kFirst, kSecond, kThird});
  s.take(10);
  EXPECT_EQ(s.slabs.objects(SlabKind::buffer_head), 10);
  EXPECT_EQ(s.slabs.objects(SlabKind::radix_tree_node), 0);
  for (const SlabObject object : s.objects)
    s.slabs.free(OnCpu{s.world.task}, SlabKind::buffer_head, object);
  EXPECT_EQ(s.slabs.objects(SlabKind::buffer_head), 0);
  s.slabs.check();
}

}  // namespace
}  // namespace numasim
