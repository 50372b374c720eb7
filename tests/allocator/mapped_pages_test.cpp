// What page table entries know of a page's use, and what reclaim does with mapped pages.

#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

/// One node of 32 MiB, a task with a region of a file of 40 pages, and the file's pages cached.
struct FileHost : KernelHost {
  explicit FileHost(bool shared) {
    disk_is_instant = true;
    kernel.read(task, "file", 0, {40});
    kernel.lru().drain(OnCpu{task});
    map(task, shared);
  }
  void map(Task& who, bool shared) { kernel.map(who, "view", {40}, "file", shared, std::nullopt); }
  Done touch(PageIndex page, bool write) { return kernel.touch(task, "view", page, {1}, write); }
  Pfn pfn(PageIndex page) { return *file("file").find(page); }
  Frame& frame(PageIndex page) { return KernelHost::frame("file", page); }
  Pte& pte(Task& who, PageIndex page) { return *who.mm->find("view")->pages.find(page); }
  int referenced(PageIndex page) { return kernel.holders().page_referenced(nobody, pfn(page)); }

  Task nobody;
};

constexpr bool kShared = true, kPrivate = false;

TEST(MappedPages, AreReferencedOnceByTheirFlagAndOnceByEachYoungEntry) {
  FileHost h(kShared);
  Task second;
  second.id = TaskId{2};
  h.kernel.enter(second);
  h.map(second, kShared);
  h.touch(3, false);
  h.kernel.touch(second, "view", 3, {1}, false);
  h.frame(3).set(PageFlag::referenced);
  EXPECT_EQ(h.referenced(3), 3);
  EXPECT_EQ(h.referenced(3), 0);
  h.touch(3, false);
  EXPECT_EQ(h.referenced(3), 1);
  h.kernel.exit(second);
  EXPECT_TRUE(h.frame(3).has(PageFlag::mapped));
  h.kernel.validate();
}

TEST(MappedPages, ActivateOnTheSecondFaultOnThem) {
  FileHost h(kShared);
  ASSERT_TRUE(h.frame(3).has(PageFlag::referenced));  // it was read once
  h.touch(3, false);
  EXPECT_TRUE(h.frame(3).has(PageFlag::active));
  EXPECT_FALSE(h.frame(3).has(PageFlag::referenced));
}

TEST(MappedPages, PassTheirUseOnToThePageWhenUnmapped) {
  FileHost h(kShared);
  h.touch(3, false);
  h.touch(4, false);
  h.frame(3).clear(PageFlag::referenced);
  h.frame(4).clear(PageFlag::referenced);
  h.pte(h.task, 4).young = false;
  h.kernel.unmap(h.task, "view");
  EXPECT_TRUE(h.frame(3).has(PageFlag::referenced));
  EXPECT_FALSE(h.frame(4).has(PageFlag::referenced));
  EXPECT_EQ(h.count(ZoneStat::file_mapped), 0);
  h.kernel.validate();
}

TEST(MappedPages, StayWhereAnEntryTurnsOutYoung) {
  FileHost h(kShared);
  h.touch(3, false);
  const OnCpu on{h.task};
  EXPECT_EQ(h.kernel.holders().try_to_unmap(on, h.pfn(3)), PageHolders::Unmap::was_referenced);
  EXPECT_EQ(h.kernel.holders().try_to_unmap(on, h.pfn(3)), PageHolders::Unmap::done);
  EXPECT_FALSE(h.frame(3).has(PageFlag::mapped));
  EXPECT_EQ(h.task.mm->file_rss.value, 0);
  h.kernel.validate();
}

TEST(SharedMapping, ReportsItsFirstWriteToACleanPageOnly) {
  FileHost h(kShared);
  h.touch(3, false);
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 0);
  const std::int64_t faults = h.kernel.memory().events().pgfault;
  h.touch(3, true);
  h.touch(3, true);
  EXPECT_EQ(h.kernel.memory().events().pgfault, faults + 1);
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 1);
}

TEST(SharedMapping, FaultsAgainOnAWriteAfterThePageBeganToBeWritten) {
  FileHost h(kShared);
  h.touch(3, true);
  h.disk_is_instant = false;
  h.kernel.holders().pageout(h.task, h.pfn(3));
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 0);
  EXPECT_FALSE(h.pte(h.task, 3).writable || h.pte(h.task, 3).dirty);
  const std::int64_t faults = h.kernel.memory().events().pgfault;
  h.touch(3, true);
  EXPECT_EQ(h.kernel.memory().events().pgfault, faults + 1);
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 1);
  h.complete_io();
  h.kernel.validate();
}

TEST(PrivateMapping, CopiesAPageWhenItIsWritten) {
  FileHost h(kPrivate);
  h.touch(3, false);
  EXPECT_EQ(h.count(ZoneStat::file_mapped), 1);
  h.touch(3, true);
  h.touch(5, true);
  EXPECT_EQ(h.count(ZoneStat::anon_pages), 2);
  EXPECT_EQ(h.count(ZoneStat::file_mapped), 0);
  EXPECT_EQ(h.count(ZoneStat::file_dirty), 0);
  EXPECT_FALSE(h.pte(h.task, 3).maps(h.pfn(3)));
  EXPECT_EQ(h.task.mm->anon_rss.value, 2);
  h.kernel.validate();
  h.kernel.exit(h.task);
  EXPECT_EQ(h.count(ZoneStat::anon_pages), 0);
  h.kernel.validate();
}

TEST(Pageout, LeavesACongestedDeviceAloneUnlessTheTaskWritesToItOrMayAlways) {
  FileHost h(kShared);
  h.kernel.write(h.task, "file", 0, {3});
  h.machine.congest(DeviceId{0}, IoDirection::write);
  PageHolders& holders = h.kernel.holders();
  EXPECT_EQ(holders.pageout(h.task, h.pfn(0)), PageHolders::Pageout::kept);
  h.task.writing_to = DeviceId{1};
  EXPECT_EQ(holders.pageout(h.task, h.pfn(0)), PageHolders::Pageout::kept);
  h.task.writing_to = DeviceId{0};
  EXPECT_EQ(holders.pageout(h.task, h.pfn(0)), PageHolders::Pageout::started);
  h.task.writing_to.reset();
  h.task.swapwrite = true;  // kswapd, pdflush
  EXPECT_EQ(holders.pageout(h.task, h.pfn(1)), PageHolders::Pageout::started);
}

TEST(Pageout, IsAllowedTheDeviceOfTheWriteTheTaskIsIn) {
  FileHost h(kShared);
  std::optional<DeviceId> during;
  h.machine.on_touch([&](Task& task, NodeId, Bytes, Traffic) { during = task.writing_to; });
  h.kernel.write(h.task, "file", 0, {1});
  EXPECT_EQ(during, DeviceId{0});
  EXPECT_FALSE(h.task.writing_to);
}

TEST(Reclaim, DoesNotTakeAPageSomebodySleepsFor) {
  FileHost h(kShared);
  const OnCpu on{h.task};
  h.kernel.lru().hold(h.pfn(3));
  h.kernel.lru().hold(h.pfn(3));
  EXPECT_FALSE(h.kernel.holders().remove_mapping(on, h.pfn(3)));
  h.kernel.lru().let_go(on, h.pfn(3));
  EXPECT_FALSE(h.kernel.holders().remove_mapping(on, h.pfn(3)));
  h.kernel.lru().let_go(on, h.pfn(3));
  EXPECT_TRUE(h.kernel.holders().remove_mapping(on, h.pfn(3)));
}

}  // namespace
}  // namespace numasim
