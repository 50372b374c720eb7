// The OOM killer: who is chosen, who dies, and when nobody may.

#include "allocator/oom.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "allocator/kernel.hpp"
#include "allocator/oom_constraint.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

using namespace std::chrono_literals;

/// Two nodes of 64 MiB, and tasks that have mapped so many pages.
class Crowd {
 public:
  explicit Crowd(KernelConfig config = World::exact())
      : kernel(small_layout(2, 64), config, {}, machine, 1) {}

  Task& add(const std::string& name, std::int64_t pages) {
    Task& task = make(name);
    kernel.enter(task);
    kernel.map(task, "heap", {pages}, "", false, std::nullopt);
    return task;
  }
  Task& add_thread(const std::string& name, const Task& of) {
    Task& task = make(name);
    kernel.enter(task, &of);
    return task;
  }
  Task& add_child(const std::string& name, Task& parent, std::int64_t pages) {
    Task& task = add(name, pages);
    task.parent = &parent;
    return task;
  }

  void out_of_memory(Task& by, Gfp gfp = GFP_HIGHUSER_MOVABLE, NodeId node = NodeId{0}) {
    oom().out_of_memory(by, memory().zonelist(node, gfp), gfp, Order{0});
  }
  Memory& memory() { return kernel.memory(); }
  OomKiller& oom() { return kernel.oom(); }
  std::uint64_t badness(const Task& task) { return oom().badness(task, task); }
  bool panicked() const {
    return std::ranges::any_of(machine.steps(),
                               [](const std::string& step) { return step.starts_with("panic"); });
  }
  const Cpuset& cpuset(const std::string& name, NodeId node, bool exclusive = false) {
    NodeMask mems;
    mems.set(node.value);
    return memory().cpusets().add(name, memory().cpusets().root(), mems, exclusive);
  }

  FakeMachine machine;
  Kernel kernel;

 private:
  Task& make(const std::string& name) {
    Task& task = tasks_.emplace_back();
    task.id = TaskId{static_cast<std::uint32_t>(tasks_.size())};
    task.name = name;
    return task;
  }
  std::deque<Task> tasks_;
};

OomConstraint constraint(Crowd& c, const Task& task, Gfp gfp) {
  return constrained_alloc(c.memory(), task, c.memory().zonelist(NodeId{0}, gfp), gfp);
}

// Constraints.

TEST(OomConstraint, IsNoneWhereTheListReachesEveryNode) {
  Crowd c;
  EXPECT_EQ(constraint(c, c.add("task", 1), GFP_HIGHUSER_MOVABLE), OomConstraint::none);
}

TEST(OomConstraint, IsAPolicyWhereTheListByNatureLacksANode) {
  Crowd c;  // only node 0 has a DMA zone
  EXPECT_EQ(constraint(c, c.add("task", 1), GFP_KERNEL | __GFP_DMA), OomConstraint::memory_policy);
}

TEST(OomConstraint, IsTheCpusetAsSoonAsOneZoneIsClosed) {
  Crowd c;
  Task& task = c.add("task", 1);
  Cpusets::attach(task, c.cpuset("/a", NodeId{0}));
  EXPECT_EQ(constraint(c, task, GFP_HIGHUSER_MOVABLE), OomConstraint::cpuset);
}

TEST(OomConstraint, LetsKernelPagesLookBeyondACpusetThatIsNotExclusive) {
  Crowd c;
  Task& task = c.add("task", 1);
  Cpusets::attach(task, c.cpuset("/a", NodeId{0}));
  EXPECT_EQ(constraint(c, task, GFP_KERNEL), OomConstraint::none);
  c.cpuset("/b", NodeId{0}, true);
  Cpusets::attach(task, *c.memory().cpusets().find("/b"));
  EXPECT_EQ(constraint(c, task, GFP_KERNEL), OomConstraint::cpuset);
}

// Badness, a factor each.

TEST(Badness, IsTheVirtualSizeNotWhatIsResident) {
  Crowd c;
  EXPECT_EQ(c.badness(c.add("task", 5000)), 5000u);
}

TEST(Badness, AddsHalfOfEachChildWithMemoryOfItsOwn) {
  Crowd c;
  Task& task = c.add("task", 100);
  c.add_child("child", task, 1001);
  c.add_thread("thread", task).parent = &task;
  EXPECT_EQ(c.badness(task), 100u + 500 + 1);
}

TEST(Badness, DividesByTheRootOfTheCpuTimeInUnitsOf2048Ticks) {
  Crowd c;  // 250 Hz: ticks >> 11, 8.192 s
  Task& task = c.add("task", 9000);
  c.machine.set_past(task, {SimTime{}, 8191ms});
  EXPECT_EQ(c.badness(task), 9000u);
  c.machine.set_past(task, {SimTime{}, 4 * 8192ms});
  EXPECT_EQ(c.badness(task), 4500u);
}

TEST(Badness, DividesByTheFourthRootOfTheRunTimeInUnitsOf1024Seconds) {
  Crowd c;
  Task& task = c.add("task", 9000);
  c.machine.advance(16 * 1024s);
  EXPECT_EQ(c.badness(task), 4500u);
  c.machine.set_past(task, {SimTime{} + 1s, 0ms});
  EXPECT_EQ(c.badness(task), 9000u);  // int_sqrt(int_sqrt(15)) is 1
}

TEST(Badness, DoublesForNiceTasksAndSparesThePrivileged) {
  Crowd c;
  Task& task = c.add("task", 1001);
  task.nice = -5;
  EXPECT_EQ(c.badness(task), 1001u);
  task.nice = 1;
  EXPECT_EQ(c.badness(task), 2002u);
  task.superuser = true;
  EXPECT_EQ(c.badness(task), 500u);
  task.raw_io = true;
  EXPECT_EQ(c.badness(task), 125u);
}

TEST(Badness, IsAnEighthWhereTheTasksShareNoNode) {
  Crowd c;
  Task& task = c.add("task", 8000);
  Task& other = c.add("other", 1);
  Cpusets::attach(task, c.cpuset("/a", NodeId{0}));
  EXPECT_EQ(c.oom().badness(other, task), 8000u);
  Cpusets::attach(other, c.cpuset("/b", NodeId{1}));
  EXPECT_EQ(c.oom().badness(other, task), 1000u);
}

TEST(Badness, IsShiftedByOomAdjAtLeastFromOneUp) {
  Crowd c;
  Task& task = c.add("task", 100);
  task.oom_adj = 3;
  EXPECT_EQ(c.badness(task), 800u);
  task.oom_adj = -2;
  EXPECT_EQ(c.badness(task), 25u);
  Task& empty = c.add_thread("empty", task);
  empty.oom_adj = 15;
  task.mm->total_vm = PageCount{0};
  EXPECT_EQ(c.badness(empty), 1u << 15);
}

TEST(Badness, IsTheGreatestOfAllForATaskThatEmptiesASwapArea) {
  Crowd c;
  Task& task = c.add("task", 1);
  task.swapoff = true;
  EXPECT_EQ(c.badness(task), std::uint64_t{0} - 1);
}

TEST(IntSqrt, RoundsDown) {
  for (const std::uint64_t x : {0u, 1u, 2u, 3u, 4u, 8u, 9u, 99u, 100u, 4294967295u}) {
    const std::uint64_t root = rounded_down_sqrt(x);
    EXPECT_LE(root * root, x);
    EXPECT_GT((root + 1) * (root + 1), x);
  }
}

// The choice.

TEST(OomKiller, ChoosesTheWorstAndOfEqualsTheFirst) {
  Crowd c;
  Task& small = c.add("small", 100);
  Task& first = c.add("first", 500);
  Task& second = c.add("second", 500);
  c.out_of_memory(small);
  EXPECT_TRUE(first.memdie && first.killed);
  EXPECT_FALSE(second.killed || small.killed);
}

TEST(OomKiller, LetsAVictimDieFirstButOnlyWhileItHasItsMemory) {
  Crowd c;
  Task& asker = c.add("asker", 100);
  Task& victim = c.add("victim", 500);
  c.out_of_memory(asker);
  c.out_of_memory(asker);
  EXPECT_EQ(c.oom().kills(), 1);
  EXPECT_TRUE(victim.memdie);
  c.kernel.exit(victim);
  c.out_of_memory(asker);
  EXPECT_TRUE(asker.memdie);
}

TEST(OomKiller, WaitsForATaskThatExitsUnlessItIsTheOneThatAsks) {
  Crowd c;
  Task& asker = c.add("asker", 100);
  Task& leaver = c.add("leaver", 500);
  leaver.exiting = true;
  c.out_of_memory(asker);
  EXPECT_EQ(c.oom().kills(), 0);
  c.out_of_memory(leaver);
  EXPECT_TRUE(leaver.memdie);
  EXPECT_EQ(c.oom().kills(), 0);  // no message: it dies anyway
}

TEST(OomKiller, SparesInitTheExemptAndThoseWithoutMemory) {
  Crowd c;
  Task& init = c.add("init", 9000);
  init.is_init = true;
  c.add("exempt", 9000).oom_adj = -17;
  Task& daemon = c.add("daemon", 9000);
  daemon.mm = nullptr;
  Task& asker = c.add("asker", 1);
  c.out_of_memory(asker);
  EXPECT_TRUE(asker.memdie);
  EXPECT_EQ(c.oom().kills(), 1);
}

TEST(OomKiller, LetsWhoAskedSleepATickUnlessItIsTheVictim) {
  Crowd c;
  Task& asker = c.add("asker", 100);
  c.out_of_memory(asker);
  EXPECT_EQ(c.machine.take_steps(), (std::vector<std::string>{"kill 1"}));
  Task& other = c.add("other", 100);
  c.out_of_memory(other);
  EXPECT_EQ(c.machine.take_steps(), (std::vector<std::string>{"sleep 1"}));
}

// Who dies for whom.

TEST(OomKiller, KillsTheFirstChildThatMayBeKilledInsteadOfItsParent) {
  Crowd c;
  Task& parent = c.add("parent", 5000);
  Task& thread = c.add_thread("thread", parent);
  thread.parent = &parent;
  Task& exempt = c.add_child("exempt", parent, 10);
  exempt.oom_adj = -17;
  Task& child = c.add_child("child", parent, 10);
  Task& younger = c.add_child("younger", parent, 4000);
  c.out_of_memory(parent);
  EXPECT_TRUE(child.memdie);
  EXPECT_FALSE(parent.killed || thread.killed || exempt.killed || younger.killed);
}

TEST(OomKiller, KillsAllThatShareTheMemoryButOnlyTheVictimMayUseTheReserves) {
  Crowd c;
  Task& victim = c.add("victim", 500);
  Task& sharer = c.add_thread("sharer", victim);
  c.out_of_memory(victim);
  EXPECT_TRUE(victim.memdie && victim.killed);
  EXPECT_TRUE(sharer.killed);
  EXPECT_FALSE(sharer.memdie);
}

TEST(OomKiller, FreesNoMemoryBeforeItsLastUserHasGone) {
  Crowd c;
  Task& victim = c.add("victim", 500);
  Task& sharer = c.add_thread("sharer", victim);
  c.kernel.touch(victim, "heap", 0, {500}, true);
  c.kernel.exit(victim);
  EXPECT_EQ(c.memory().global(ZoneStat::anon_pages), 500);
  c.kernel.exit(sharer);
  EXPECT_EQ(c.memory().global(ZoneStat::anon_pages), 0);
  c.kernel.validate();
}

TEST(OomKiller, TakesWhoAskedWhereAPolicyBoundTheRequest) {
  Crowd c;
  c.add("large", 9000);
  Task& asker = c.add("asker", 100);
  c.out_of_memory(asker, GFP_KERNEL | __GFP_DMA);
  EXPECT_TRUE(asker.memdie);
}

TEST(OomKiller, TakesTheWorstTaskWhereACpusetBoundTheRequest) {
  Crowd c;
  Task& large = c.add("large", 9000);
  Task& asker = c.add("asker", 100);
  Cpusets::attach(asker, c.cpuset("/a", NodeId{0}));
  c.out_of_memory(asker);
  EXPECT_TRUE(large.memdie);
  EXPECT_FALSE(asker.memdie);
}

TEST(OomKiller, TakesWhoAskedWhenToldSo) {
  KernelConfig config = World::exact();
  config.oom_kill_allocating_task = true;
  Crowd c(config);
  c.add("large", 9000);
  Task& asker = c.add("asker", 100);
  c.out_of_memory(asker);
  EXPECT_TRUE(asker.memdie);
}

// Panic.

TEST(OomKiller, PanicsWhenNobodyIsLeftToKill) {
  Crowd c;
  Task& asker = c.add("asker", 500);
  asker.oom_adj = -17;
  c.out_of_memory(asker);
  EXPECT_TRUE(c.panicked());
  EXPECT_FALSE(asker.killed);
}

TEST(OomKiller, PanicsInsteadOfHangingWhenTheChosenTaskMayNotBeKilled) {
  Crowd c;
  Task& asker = c.add("asker", 500);
  c.add_thread("exempt", asker).oom_adj = -17;
  c.out_of_memory(asker);
  EXPECT_TRUE(c.panicked());
}

TEST(OomKiller, PanicsInsteadOfKillingWhenToldSoUnlessARequestIsLimited) {
  KernelConfig config = World::exact();
  config.panic_on_oom = 1;
  Crowd limited(config);
  limited.out_of_memory(limited.add("task", 10), GFP_KERNEL | __GFP_DMA);
  EXPECT_FALSE(limited.panicked());
  Crowd c(config);
  c.out_of_memory(c.add("task", 10));
  EXPECT_TRUE(c.panicked());
  EXPECT_EQ(c.oom().kills(), 0);
}

TEST(OomKiller, PanicsAlwaysWhenPanicOnOomIsTwo) {
  KernelConfig config = World::exact();
  config.panic_on_oom = 2;
  Crowd c(config);
  c.out_of_memory(c.add("task", 10), GFP_KERNEL | __GFP_DMA);
  EXPECT_TRUE(c.panicked());
}

}  // namespace
}  // namespace numasim
