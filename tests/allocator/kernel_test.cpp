// Page cache, reclaim, writeback and the OOM killer together, on a fake machine whose disk
// completes at once or when the test says.

#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

struct Host : KernelHost {
  std::int64_t free() { return count(ZoneStat::free_pages); }
};

TEST(AnonymousMemory, IsTakenPageByPageAndGivenBackAtExit) {
  Host h;
  const std::int64_t before = h.free();
  h.kernel.map(h.task, "heap", {1000}, "", false, std::nullopt);
  EXPECT_EQ(h.free(), before);
  EXPECT_EQ(h.kernel.touch(h.task, "heap", 0, {1000}, true), Done::all);
  EXPECT_EQ(h.count(ZoneStat::anon_pages), 1000);
  EXPECT_EQ(h.machine.touched(NodeId{0}, Traffic::zero).value / kPageBytes,
            1000u + 4);  // and four page table pages
  h.kernel.validate();
  h.kernel.exit(h.task);
  h.kernel.drain(h.task, true);
  EXPECT_EQ(h.count(ZoneStat::anon_pages), 0);
  EXPECT_EQ(h.free(), before);
  h.kernel.validate();
}

TEST(AnonymousMemory, FaultsOnlyOnTheFirstTouch) {
  Host h;
  h.kernel.map(h.task, "heap", {10}, "", false, std::nullopt);
  h.kernel.touch(h.task, "heap", 0, {10}, true);
  h.kernel.touch(h.task, "heap", 0, {10}, true);
  EXPECT_EQ(h.kernel.memory().events().pgfault, 10);
}

TEST(PageCache, ReadsAheadAMissInPiecesThatLieTogether) {
  Host h;
  EXPECT_EQ(h.kernel.read(h.task, "file", 0, {64}), Done::all);
  EXPECT_EQ(h.count(ZoneStat::file_pages), 64);
  const auto& steps = h.machine.steps();
  EXPECT_EQ(std::ranges::count_if(steps, [](const auto& s) { return s.starts_with("submit"); }), 3);
  // The first task's files begin in the second sixteenth of the first group. Behind twelve pages
  // lies the block that tells where the others are.
  EXPECT_NE(std::ranges::find(steps, "submit read 16384 49152"), steps.end());
  EXPECT_NE(std::ranges::find(steps, "submit read 16488 81920"), steps.end());
}

TEST(PageCache, ReadsNothingTwice) {
  Host h;
  h.kernel.read(h.task, "file", 0, {32});
  h.machine.take_steps();
  h.kernel.read(h.task, "file", 0, {32});
  for (const std::string& step : h.machine.steps()) EXPECT_FALSE(step.starts_with("submit"));
}

TEST(PageCache, ActivatesAPageOnItsSecondUse) {
  Host h;
  h.kernel.read(h.task, "file", 0, {28});
  EXPECT_EQ(h.count(ZoneStat::active), 0);
  h.kernel.read(h.task, "file", 0, {28});
  EXPECT_EQ(h.count(ZoneStat::active), 28);
}

TEST(PageCache, CountsWrittenPagesDirtyUntilTheirWriteEnds) {
  Host h;
  h.kernel.write(h.task, "file", 0, {10});
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 10 + 3);  // and what describes the file and its blocks
  EXPECT_EQ(h.count(ZoneStat::writeback), 0);
  EXPECT_TRUE(h.in_flight.empty());
}

TEST(Writeback, MakesAWriterOverTheLimitWriteItself) {
  Host h;
  h.disk_is_instant = true;
  h.kernel.write(h.task, "file", 0, {3000});
  const DirtyLimits limits = h.kernel.writeback().limits(h.task);
  EXPECT_LE(h.count(ZoneStat::file_dirty), limits.dirty.value + 1024);
  EXPECT_GT(h.kernel.memory().events().pgpgout, 0);
  h.kernel.validate();
}

TEST(DirectReclaim, TakesCleanFilePagesFromTheInactiveTail) {
  Host h;
  h.disk_is_instant = true;
  EXPECT_EQ(h.kernel.read(h.task, "file", 0, {20000}), Done::all);  // 80 MB through 32 MiB
  EXPECT_GT(h.kernel.memory().events().allocstall, 0);
  EXPECT_FALSE(h.kernel.mappings().file("file").find(0).has_value());
  EXPECT_TRUE(h.kernel.mappings().file("file").find(19999).has_value());
  EXPECT_EQ(h.kernel.oom().kills(), 0);
  h.kernel.validate();
}

TEST(DirectReclaim, WritesDirtyPagesAndFreesThemOnceWritten) {
  Host h;
  h.disk_is_instant = true;
  EXPECT_EQ(h.kernel.write(h.task, "file", 0, {20000}), Done::all);
  EXPECT_GT(h.kernel.memory().events().allocstall, 0);
  EXPECT_EQ(h.kernel.oom().kills(), 0);
  h.kernel.validate();
}

TEST(DirectReclaim, FreesPagesThatLoseTheirOwnerWhileItHoldsThem) {
  Host h;
  h.disk_is_instant = true;
  const std::int64_t before = h.free();
  Task hog;
  hog.id = TaskId{2};
  hog.name = "hog";
  h.kernel.enter(hog);
  h.kernel.map(hog, "heap", {3920}, "", false, std::nullopt);
  for (PageIndex page = 0; page < 3920; page += 14) {  // side by side: no large block comes free
    h.kernel.touch(hog, "heap", page, {14}, true);
    h.kernel.read(h.task, "file", page, {14});
  }
  bool exited = false;
  h.machine.on_wait([&](Task& sleeper, WaitQueue&, auto) {
    h.complete_io();
    if (&sleeper != &h.task || std::exchange(exited, true)) return;
    h.kernel.exit(hog);
  });

  const AllocResult block =
      h.kernel.alloc_pages(h.task, GFP_KERNEL | __GFP_NORETRY, Order{8}, std::nullopt);

  ASSERT_TRUE(exited);
  h.kernel.drain(h.task, true);
  h.kernel.validate();
  const std::int64_t taken = got(block) ? Order{8}.pages().value : 0;
  const std::int64_t slabs =
      h.count(ZoneStat::slab_reclaimable) + h.count(ZoneStat::slab_unreclaimable);
  EXPECT_EQ(h.free() + h.count(ZoneStat::file_pages) + slabs + taken, before);
}

/// Takes pages off the free lists of DMA32 until it stands at its min mark; nobody owns them.
Zone& take_down_to_min(Host& h) {
  Zone& zone = h.kernel.memory().node(NodeId{0}).zone(ZoneType::dma32);
  while (zone.free_pages() > zone.marks.min)
    EXPECT_TRUE(zone.take(OnCpu{h.task}, Order{0}, GFP_HIGHUSER_MOVABLE));
  h.task.meter.take();
  return zone;
}

/// Wakes kswapd once and lets it work until it goes to sleep again.
void run_kswapd_once(Host& h) {
  Task kswapd;
  kswapd.name = "kswapd0";
  struct Stop {};
  int sleeps = 0;
  h.machine.on_wait([&](Task& sleeper, WaitQueue& queue, auto timeout) {
    h.complete_io();
    if (timeout) return;
    if (++sleeps == 2) {
      queue.waiters().clear();
      throw Stop{};
    }
    EXPECT_EQ(&sleeper, &kswapd);
    h.machine.wake_all(queue);
  });
  EXPECT_THROW(h.kernel.kswapd(kswapd, NodeId{0}), Stop);
}

TEST(Kswapd, ReclaimsFromBelowLowUpToHigh) {
  Host h;
  h.disk_is_instant = true;
  h.kernel.read(h.task, "file", 0, {20000});
  const Zone& zone = take_down_to_min(h);
  run_kswapd_once(h);
  EXPECT_GT(zone.free_pages(), zone.marks.high);
  EXPECT_GT(h.kernel.memory().events().kswapd_steal, 0);
}

TEST(Kswapd, TakesTimeEvenWhenItFindsNothing) {
  Host h;
  const Zone& zone = take_down_to_min(h);
  const Cycles before = h.machine.spent();
  run_kswapd_once(h);
  EXPECT_EQ(zone.free_pages(), zone.marks.min);
  EXPECT_GT(h.machine.spent(), before);
}

TEST(MemPolicies, InterleaveRegionsByTheOffsetOfThePage) {
  FakeMachine machine;
  Kernel kernel{small_layout(2, 64), World::exact(), {}, machine, 1};
  Task task;
  task.name = "task";
  kernel.enter(task);
  MemPolicy policy = kernel.policies().make(MemPolicy::Mode::interleave, {NodeId{0}, NodeId{1}});
  kernel.map(task, "heap", {400}, "", false, policy);
  kernel.touch(task, "heap", 0, {400}, true);
  EXPECT_EQ(kernel.memory().global(ZoneStat::numa_interleave_hit), 400);
  kernel.exit(task);
}

TEST(MemPolicies, CountNoInterleavingWhereTheyHaveNoSay) {
  FakeMachine machine;
  Kernel kernel{small_layout(2, 64), World::exact(), {}, machine, 1};
  Task task;
  task.name = "task";
  kernel.enter(task);
  MemPolicy policy = kernel.policies().make(MemPolicy::Mode::interleave, {NodeId{0}, NodeId{1}});
  task.policy = &policy;
  kernel.alloc_pages(task, GFP_KERNEL | __GFP_THISNODE, Order{0}, std::nullopt);
  task.in_interrupt = true;
  kernel.alloc_pages(task, GFP_ATOMIC, Order{0}, std::nullopt);
  EXPECT_EQ(kernel.memory().global(ZoneStat::numa_interleave_hit), 0);
}

TEST(MemPolicies, BindNeverLeavesItsNodes) {
  FakeMachine machine;
  Kernel kernel{small_layout(2, 32), World::exact(), {}, machine, 1};
  Task task;
  task.name = "task";
  kernel.enter(task);
  MemPolicy policy = kernel.policies().make(MemPolicy::Mode::bind, {NodeId{1}});
  task.policy = &policy;
  const AllocResult page = kernel.alloc_pages(task, GFP_HIGHUSER_MOVABLE, Order{0}, std::nullopt);
  ASSERT_TRUE(got(page));
  EXPECT_EQ(kernel.memory().zone_of(std::get<Pfn>(page)).id().node, NodeId{1});
  EXPECT_TRUE(kernel.policies().for_task(task, GFP_HIGHUSER_MOVABLE).zones.size() == 1);
}

}  // namespace
}  // namespace numasim
