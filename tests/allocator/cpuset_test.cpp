// Cpusets: what may be changed, when tasks see it, where spreading leads, the pressure meter.

#include "allocator/cpuset.hpp"

#include <gtest/gtest.h>

#include "allocator/mempolicy.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

using namespace std::chrono_literals;

NodeMask nodes(std::initializer_list<std::size_t> ids) {
  NodeMask mask;
  for (const std::size_t id : ids) mask.set(id);
  return mask;
}

/// Four nodes with memory; /a has 0 and 1 and a child /a/x with 0, /b has 2.
struct Tree {
  Tree() : sets(nodes({0, 1, 2, 3})) {
    a = &sets.add("/a", sets.root(), nodes({0, 1}), false);
    x = &sets.add("/a/x", *a, nodes({0}), false);
    b = &sets.add("/b", sets.root(), nodes({2}), false);
  }
  std::optional<CpusetError> give(const Cpuset& set, NodeMask mems,
                                  Cpusets::HasTasks has_tasks = Cpusets::HasTasks::no) {
    Cpuset trial = set;
    trial.mems = mems;
    return sets.change(set, trial, has_tasks);
  }
  Cpusets sets;
  const Cpuset *a, *x, *b;
};

TEST(CpusetChange, StaysInsideTheParentAndAboveTheChildren) {
  Tree t;
  EXPECT_EQ(t.give(*t.x, nodes({2})), CpusetError::outside_parent);
  EXPECT_EQ(t.give(*t.a, nodes({1})), CpusetError::child_has_more);
  EXPECT_EQ(t.give(*t.a, nodes({0, 3})), std::nullopt);
  EXPECT_EQ(t.a->mems, nodes({0, 3}));
}

TEST(CpusetChange, LetsSiblingsShareUnlessOneIsExclusive) {
  Tree t;
  EXPECT_EQ(t.give(*t.b, nodes({1, 2})), std::nullopt);
  Cpuset trial = *t.a;
  trial.flags.mem_exclusive = true;
  EXPECT_EQ(t.sets.change(*t.a, trial, Cpusets::HasTasks::no), CpusetError::shared_exclusive);
  EXPECT_EQ(t.give(*t.b, nodes({2})), std::nullopt);
  EXPECT_EQ(t.sets.change(*t.a, trial, Cpusets::HasTasks::no), std::nullopt);
  EXPECT_EQ(t.give(*t.b, nodes({1, 2})), CpusetError::shared_exclusive);
}

TEST(CpusetChange, LetsOnlyChildrenOfTheExclusiveBeExclusive) {
  Tree t;
  Cpuset trial = *t.x;
  trial.flags.mem_exclusive = true;
  EXPECT_EQ(t.sets.change(*t.x, trial, Cpusets::HasTasks::no), CpusetError::outside_parent);
}

TEST(CpusetChange, LeavesTasksSomeNode) {
  Tree t;
  EXPECT_EQ(t.give(*t.b, {}, Cpusets::HasTasks::yes), CpusetError::in_use_and_empty);
  EXPECT_EQ(t.give(*t.b, {}), std::nullopt);
}

TEST(CpusetChange, LeavesTheRootItsNodes) {
  Tree t;
  EXPECT_EQ(t.give(t.sets.root(), nodes({0, 1, 2})), CpusetError::read_only);
}

TEST(Cpusets, GiveTheNodesOfAnAncestorWhereTheirOwnHaveNoMemory) {
  Tree t;
  EXPECT_EQ(t.give(*t.x, {}), std::nullopt);
  EXPECT_EQ(Cpusets::usable_mems(*t.x), nodes({0, 1}));
}

TEST(Cpusets, AreSeenByATaskWhenItNextAllocates) {
  World w{small_layout(2, 16)};
  MemPolicies policies(w.memory);
  Cpusets& sets = w.memory.cpusets();
  const Cpuset& a = sets.add("/a", sets.root(), nodes({0}), false);
  Cpusets::attach(w.task, a);
  sets.change_mems("/a", nodes({1}));
  policies.for_task(w.task, GFP_ATOMIC);
  EXPECT_EQ(w.task.mems_allowed, nodes({0}));  // a request that may not wait takes no mutex
  policies.for_task(w.task, GFP_KERNEL);
  EXPECT_EQ(w.task.mems_allowed, nodes({1}));
}

TEST(Cpusets, SpreadPageCacheOverTheTasksNodesInTurn) {
  World w{small_layout(4, 16)};
  MemPolicies policies(w.memory);
  Cpusets& sets = w.memory.cpusets();
  Cpuset set;
  set.name = "/a";
  set.parent = &sets.root();
  set.mems = nodes({0, 1, 3});
  set.flags.memory_spread_page = true;
  Cpusets::attach(w.task, sets.add(set));
  std::string order;
  for (int i = 0; i < 5; ++i)
    order += std::to_string(
        policies.for_page_cache(w.task, GFP_HIGHUSER_PAGECACHE).first().id().node.value);
  EXPECT_EQ(order, "13013");
}

// memory_pressure.

TEST(MemoryPressure, CountsNothingUnlessEnabled) {
  Tree t;
  Task task;
  Cpusets::attach(task, *t.a);
  t.sets.memory_pressure_bump(task, SimTime{} + 1s);
  EXPECT_EQ(t.sets.memory_pressure(*t.a, SimTime{} + 2s), 0);
}

TEST(MemoryPressure, IsOfTheTasksOwnCpusetOnly) {
  Tree t;
  Task task;
  Cpusets::attach(task, *t.x);
  t.sets.enable_memory_pressure(true);
  t.sets.memory_pressure_bump(task, SimTime{} + 1s);
  EXPECT_EQ(t.sets.memory_pressure(*t.x, SimTime{} + 2s), 67);
  EXPECT_EQ(t.sets.memory_pressure(*t.a, SimTime{} + 2s), 0);
}

TEST(MemoryPressure, HalvesInTenSecondsInTruncatingSteps) {
  MemoryPressureMeter meter;
  meter.mark_event(1);
  EXPECT_EQ(meter.read(1), 0);  // not within the second
  EXPECT_EQ(meter.read(2), 67);
  EXPECT_EQ(meter.read(3), 62);  // 933 * 67 / 1000
  EXPECT_EQ(meter.read(12), 29);
}

TEST(MemoryPressure, ApproachesAThousandTimesTheRate) {
  MemoryPressureMeter meter;
  for (std::int64_t second = 1; second <= 200; ++second)
    for (int i = 0; i < 5; ++i) meter.mark_event(second);
  EXPECT_NEAR(meter.read(201), 5000, 30);
}

TEST(MemoryPressure, CountsAtMostAThousandEventsBetweenTwoUpdates) {
  MemoryPressureMeter meter;
  for (int i = 0; i < 3000; ++i) meter.mark_event(1);
  EXPECT_EQ(meter.read(2), 67'000);
}

TEST(MemoryPressure, ForgetsAtMostNinetyNineSecondsAtOnce) {
  MemoryPressureMeter meter;
  for (int i = 0; i < 1000; ++i) meter.mark_event(1);
  EXPECT_EQ(meter.read(2), 67'000);
  MemoryPressureMeter twin = meter;
  EXPECT_EQ(meter.read(2 + 99), twin.read(2 + 5000));
}

}  // namespace
}  // namespace numasim
