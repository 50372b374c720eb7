// NUMA memory policies: which list a request starts from, and how policies follow a cpuset.

#include "allocator/mempolicy.hpp"

#include <gtest/gtest.h>

#include "tests/support/world.hpp"

namespace numasim {
namespace {

using Mode = MemPolicy::Mode;

/// Four nodes of 64 MiB: node 0 has DMA and DMA32, the others DMA32 alone. The task runs on CPU 2.
struct Policies {
  Policies() { w.task.cpu = CpuId{2}; }
  int node_of(const Zonelist& list) { return list.first().id().node.value; }
  std::string nodes_of(const Zonelist& list) {
    std::string text;
    for (const Zone* zone : list.zones) text += std::to_string(zone->id().node.value);
    return text;
  }
  const Cpuset& cpuset(const char* name, std::uint64_t mask) {
    Cpusets& sets = w.memory.cpusets();
    return sets.add(name, sets.root(), NodeMask{mask}, false);
  }
  static std::vector<NodeId> ids(std::initializer_list<std::uint16_t> list) {
    std::vector<NodeId> nodes;
    for (const std::uint16_t id : list) nodes.push_back(NodeId{id});
    return nodes;
  }
  void set(Mode mode, std::initializer_list<std::uint16_t> nodes) {
    ASSERT_TRUE(policies.set_task_policy(w.task, mode, ids(nodes)));
  }
  Zonelist& list() { return policies.for_task(w.task, GFP_HIGHUSER_MOVABLE); }

  World w{small_layout(4, 64)};
  MemPolicies policies{w.memory};
};

TEST(MemPolicies, StartAtTheCpusNodeByDefault) {
  Policies p;
  EXPECT_EQ(p.node_of(p.list()), 2);
}

TEST(MemPolicies, PreferANodeAndFallBackFromItAsItsOwnTasksDo) {
  Policies p;
  p.set(Mode::preferred, {1});
  EXPECT_EQ(&p.list(), &p.w.memory.zonelist(NodeId{1}, GFP_HIGHUSER_MOVABLE));
}

TEST(MemPolicies, PreferTheCpusNodeWhereNoneIsGiven) {
  Policies p;
  p.set(Mode::preferred, {});
  EXPECT_EQ(p.node_of(p.list()), 2);
}

TEST(MemPolicies, BindByZoneThenByNodeNumberWhateverTheDistance) {
  Policies p;
  p.set(Mode::bind, {0, 2});
  EXPECT_EQ(p.nodes_of(p.list()), "020");  // DMA32 of both, then DMA of node 0
  EXPECT_FALSE(p.list().cache);
}

TEST(MemPolicies, BindNothingWhenNoNodeOfTheListIsAllowed) {
  Policies p;
  p.set(Mode::bind, {0, 1});
  p.w.task.mems_allowed = NodeMask{0b1100};
  EXPECT_EQ(p.node_of(p.list()), 2);
}

TEST(MemPolicies, BindNoRequestBelowThePolicyZone) {
  Policies p;
  p.set(Mode::bind, {1});
  EXPECT_EQ(p.node_of(p.policies.for_task(p.w.task, GFP_KERNEL | __GFP_DMA)), 0);
}

TEST(MemPolicies, InterleaveKernelPagesInTurnAndFaultsByOffset) {
  Policies p;
  p.set(Mode::interleave, {0, 1, 3});
  std::string turns, offsets;
  for (int i = 0; i < 4; ++i) turns += std::to_string(p.node_of(p.list()));
  for (const std::uint64_t offset : {7u, 7u, 8u, 9u})
    offsets += std::to_string(
        p.node_of(p.policies.for_region(p.w.task, nullptr, offset, GFP_HIGHUSER_MOVABLE)));
  EXPECT_EQ(turns, "0130");
  EXPECT_EQ(offsets, "1130");
}

TEST(MemPolicies, PutTheRegionBeforeTheTaskUnlessItIsDefault) {
  Policies p;
  p.set(Mode::preferred, {1});
  MemPolicy region = p.policies.make(Mode::preferred, Policies::ids({3}));
  MemPolicy standard;
  const auto node = [&](MemPolicy* policy) {
    return p.node_of(p.policies.for_region(p.w.task, policy, 0, GFP_HIGHUSER_MOVABLE));
  };
  EXPECT_EQ(node(&region), 3);
  EXPECT_EQ(node(&standard), 1);
  EXPECT_EQ(node(nullptr), 1);
}

TEST(MemPolicies, HaveNoSayInInterruptsAndForThisnodeRequests) {
  Policies p;
  p.set(Mode::preferred, {1});
  EXPECT_EQ(p.node_of(p.policies.for_task(p.w.task, GFP_KERNEL | __GFP_THISNODE)), 2);
  p.w.task.in_interrupt = true;
  EXPECT_EQ(p.node_of(p.policies.for_task(p.w.task, GFP_ATOMIC)), 2);
}

TEST(MemPolicies, GiveSlabsTheNodeThatTheyGivePages) {
  Policies p;
  EXPECT_EQ(p.policies.slab_node(p.w.task), NodeId{2});
  p.set(Mode::bind, {1, 3});
  EXPECT_EQ(p.policies.slab_node(p.w.task), NodeId{1});
  p.set(Mode::preferred, {3});
  EXPECT_EQ(p.policies.slab_node(p.w.task), NodeId{3});
  p.set(Mode::interleave, {0, 3});
  EXPECT_EQ(p.policies.slab_node(p.w.task), NodeId{0});
  EXPECT_EQ(p.policies.slab_node(p.w.task), NodeId{3});
}

TEST(SetMempolicy, RefusesNodesOutsideTheTasksCpuset) {
  Policies p;
  Cpusets::attach(p.w.task, p.cpuset("/a", 0b0011));
  EXPECT_FALSE(p.policies.set_task_policy(p.w.task, Mode::bind, Policies::ids({1, 2})));
  EXPECT_EQ(p.w.task.policy, nullptr);
  EXPECT_TRUE(p.policies.set_task_policy(p.w.task, Mode::bind, Policies::ids({1})));
}

TEST(SetMempolicy, BeginsInterleavingAnewAtTheFirstNode) {
  Policies p;
  p.set(Mode::interleave, {1, 3});
  p.list();
  p.set(Mode::interleave, {1, 3});
  EXPECT_EQ(p.node_of(p.list()), 1);
  p.set(Mode::standard, {});
  EXPECT_EQ(p.node_of(p.list()), 2);
}

// Rebinding.

TEST(Remap, TakesTheNthNodeToTheNthCountingRound) {
  const NodeMask from{0b1011}, to{0b1100};
  EXPECT_EQ(remapped(NodeId{0}, from, to), NodeId{2});
  EXPECT_EQ(remapped(NodeId{1}, from, to), NodeId{3});
  EXPECT_EQ(remapped(NodeId{3}, from, to), NodeId{2});
  EXPECT_EQ(remapped(NodeId{2}, from, to), NodeId{2});  // was not there
  EXPECT_EQ(remapped(NodeId{0}, from, {}), NodeId{0});
}

TEST(Rebind, FollowsTheCpusetWhenTheTaskNextAllocates) {
  Policies p;
  Cpusets::attach(p.w.task, p.cpuset("/a", 0b0011));
  p.set(Mode::preferred, {1});
  p.w.memory.cpusets().change_mems("/a", NodeMask{0b1100});
  EXPECT_EQ(p.node_of(p.policies.for_task(p.w.task, GFP_ATOMIC)), 1);
  EXPECT_EQ(p.node_of(p.list()), 3);
  EXPECT_EQ(p.w.task.mems_allowed, NodeMask{0b1100});
}

TEST(Rebind, MovesABoundListRelatively) {
  Policies p;
  Cpusets::attach(p.w.task, p.cpuset("/a", 0b0111));
  p.set(Mode::bind, {0, 2});
  p.w.memory.cpusets().change_mems("/a", NodeMask{0b1010});
  EXPECT_EQ(p.nodes_of(p.list()), "1");  // 0 and 2, the first and third, both go to 1
}

TEST(Rebind, LeavesTheNextInterleavedPageWhereItWas) {
  Policies p;
  Cpusets::attach(p.w.task, p.cpuset("/a", 0b0011));
  p.set(Mode::interleave, {0, 1});
  p.w.memory.cpusets().change_mems("/a", NodeMask{0b1100});
  std::string turns;
  for (int i = 0; i < 3; ++i) turns += std::to_string(p.node_of(p.list()));
  EXPECT_EQ(turns, "023");
}

}  // namespace
}  // namespace numasim
