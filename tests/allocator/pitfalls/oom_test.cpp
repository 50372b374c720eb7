// Pitfalls 32 and 40: whom the OOM killer takes, and what it waits for.

#include <gtest/gtest.h>

#include <algorithm>

#include "allocator/kernel.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

/// Two nodes of 64 MiB, a small task and a large one.
struct Tasks {
  Tasks() : kernel(small_layout(2, 64), World::exact(), {}, machine, 1) {
    enter(small, "small", 100);
    enter(large, "large", 6400);
  }
  void enter(Task& task, const char* name, std::int64_t pages) {
    task.id = TaskId{++tasks};
    task.name = name;
    kernel.enter(task);
    kernel.map(task, "heap", {pages}, "", false, std::nullopt);
  }
  void out_of_memory(Task& by, Gfp gfp) {
    Zonelist& list = kernel.memory().zonelist(NodeId{0}, gfp);
    kernel.oom().out_of_memory(by, list, gfp, Order{0});
  }

  FakeMachine machine;
  Kernel kernel;
  Task small, large;
  std::uint32_t tasks = 0;
};

TEST(Pitfall, P32_AListThatLacksANodeMakesTheCallerDie) {
  Tasks t;  // only node 0 has a DMA zone
  t.out_of_memory(t.small, GFP_KERNEL | __GFP_DMA);
  EXPECT_TRUE(t.small.killed);
  EXPECT_FALSE(t.large.killed) << "though it is the worst";
}

TEST(Pitfall, P32_OrRatherTheCallersFirstChild) {
  Tasks t;
  Task child;
  t.enter(child, "child", 1);
  child.parent = &t.small;
  t.out_of_memory(t.small, GFP_KERNEL | __GFP_DMA);
  EXPECT_TRUE(child.killed);
  EXPECT_FALSE(t.small.killed);
}

TEST(Pitfall, P40_BadnessMultipliesAndDividesTheVirtualSize) {
  Tasks t;
  const auto points = [&] { return t.kernel.oom().badness(t.small, t.large); };
  EXPECT_EQ(points(), 6400u) << "not a page of it is resident";
  t.large.nice = 1;
  EXPECT_EQ(points(), 12'800u);
  t.large.superuser = true;
  EXPECT_EQ(points(), 3200u);
  t.large.raw_io = true;
  EXPECT_EQ(points(), 800u);
  t.large.mems_allowed = NodeMask{2};
  t.small.mems_allowed = NodeMask{1};
  EXPECT_EQ(points(), 100u);
  t.small.parent = &t.large;
  EXPECT_EQ(points(), (6400u + 50 + 1) * 2 / 4 / 4 / 8) << "half of a child";
}

TEST(Pitfall, P40_AVictimBlocksFurtherKillsOnlyUntilItDropsItsMemory) {
  Tasks t;
  EXPECT_EQ(t.kernel.touch(t.large, "heap", 0, {1000}, true), Done::all);
  t.out_of_memory(t.small, GFP_HIGHUSER_MOVABLE);
  ASSERT_TRUE(t.large.memdie);
  t.out_of_memory(t.small, GFP_HIGHUSER_MOVABLE);
  EXPECT_FALSE(t.small.memdie) << "the victim is still there";
  AddressSpace* const mm = std::exchange(t.large.mm, nullptr);
  EXPECT_EQ(t.kernel.memory().global(ZoneStat::anon_pages), 1000) << "nothing is freed yet";
  t.out_of_memory(t.small, GFP_HIGHUSER_MOVABLE);
  EXPECT_TRUE(t.small.memdie);
  t.large.mm = mm;
}

TEST(Pitfall, P40_LosersOfTheLockAndTheKillerSleepATickEach) {
  World w;
  w.leave_all_at_min();
  w.zone(0).oom_locked = true;
  w.machine.on_sleep([&](Task&) {
    w.zone(0).oom_locked = false;
    w.give_back_everywhere(100);
  });
  w.machine.take_steps();
  EXPECT_TRUE(got(w.alloc(GFP_KERNEL)));
  EXPECT_EQ(std::ranges::count(w.machine.steps(), "sleep 1"), 1);

  Tasks t;
  t.out_of_memory(t.small, GFP_HIGHUSER_MOVABLE);
  EXPECT_EQ(std::ranges::count(t.machine.steps(), "sleep 1"), 1);
  t.out_of_memory(t.large, GFP_HIGHUSER_MOVABLE);
  EXPECT_EQ(std::ranges::count(t.machine.steps(), "sleep 1"), 1) << "a victim hurries to its end";
}

}  // namespace
}  // namespace numasim
