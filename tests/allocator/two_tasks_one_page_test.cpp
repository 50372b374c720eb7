// Two tasks that want the same page of a file, which is not cached: the second comes to the page
// while the first sleeps in the allocator, on its way there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

using testing::SizeIs;

/// No page is free without reclaim. The first task is overtaken where it first pays for its work,
/// which is in the allocator; the second one adds the page, sends its read off, and stands waiting
/// for it from then on.
struct Overtaken : KernelHost {
  Overtaken() {
    other.id = TaskId{2};
    other.name = "other";
    kernel.enter(other);
    kernel.read(task, "large", 0, {20'000});
    leave_nothing_free();
    bios.clear();
    machine.on_wait([this](Task& sleeper, WaitQueue& queue, auto timeout) {
      if (&sleeper == &other && !timeout && page_is_being_read()) {
        queue.waiters().clear();
        throw Stands{};
      }
      if (&sleeper == &task && page_is_being_read()) ++waits_for_page;
      complete_io();
    });
    machine.on_spend([this](Task& by, Cycles) {
      if (&by != &task || std::exchange(overtaken, true)) return;
      EXPECT_THROW(kernel.read(other, "file", 0, {1}), Stands);
    });
  }
  struct Stands {};

  void leave_nothing_free() {
    for (Zone* zone : kernel.memory().zones())
      while (zone->free_pages() > zone->marks.min)
        EXPECT_TRUE(zone->take(OnCpu{task}, Order{0}, GFP_HIGHUSER_MOVABLE));
    task.meter.take();
  }
  bool page_is_being_read() {
    return file("file").find(0) && frame("file", 0).has(PageFlag::locked);
  }
  /// Reads of the page that went to the device.
  std::vector<Bio> reads() { return sent(IoDirection::read); }

  Task other;
  bool overtaken = false;
  int waits_for_page = 0;
};

TEST(PageAddedByAnother, IsNotReadOnceMoreButWaitedFor) {
  Overtaken h;
  EXPECT_EQ(h.kernel.read(h.task, "file", 0, {1}), Done::all);
  ASSERT_TRUE(h.overtaken);
  EXPECT_THAT(h.reads(), SizeIs(1));
  EXPECT_EQ(h.waits_for_page, 1);
  h.kernel.validate();
}

TEST(PageAddedByAnother, EndsTheReadaheadThatMeetsItAndTheRestIsReadBehindIt) {
  Overtaken h;
  EXPECT_EQ(h.kernel.read(h.task, "file", 0, {4}), Done::all);
  ASSERT_TRUE(h.overtaken);
  std::int64_t bytes = 0;
  for (const Bio& bio : h.reads()) bytes += static_cast<std::int64_t>(bio.length.value);
  EXPECT_EQ(bytes, 4 * std::int64_t{kPageBytes}) << "each page once";
  h.kernel.validate();
}

TEST(PageAddedByAnother, IsWaitedForByAFault) {
  Overtaken h;
  h.overtaken = true;  // not yet: the page tables are to be there
  h.kernel.map(h.task, "view", {1}, "file", true, std::nullopt);
  h.kernel.map(h.task, "beside", {1}, "", false, std::nullopt);
  h.kernel.touch(h.task, "beside", 0, {1}, true);
  h.leave_nothing_free();
  h.overtaken = false;
  EXPECT_EQ(h.kernel.touch(h.task, "view", 0, {1}, false), Done::all);
  ASSERT_TRUE(h.overtaken);
  EXPECT_THAT(h.reads(), SizeIs(1));
  EXPECT_EQ(h.waits_for_page, 1);
  h.kernel.validate();
}

TEST(PageAddedByAnother, IsWaitedForByAWriterBeforeItWrites) {
  Overtaken h;
  bool copies_into_a_page_being_read = true;
  h.machine.on_touch([&](Task& by, NodeId, Bytes, Traffic why) {
    if (&by == &h.task && why == Traffic::copy)
      copies_into_a_page_being_read = !h.in_flight.empty();
  });
  EXPECT_EQ(h.kernel.write(h.task, "file", 0, {1}), Done::all);
  ASSERT_TRUE(h.overtaken);
  EXPECT_EQ(h.waits_for_page, 1);
  EXPECT_FALSE(copies_into_a_page_being_read);
  EXPECT_TRUE(h.frame("file", 0).has(PageFlag::dirty));
  h.kernel.validate();
}

/// A page that was written through a mapping alone gets its block when reclaim writes it, and that
/// block's bitmap has to be read first.
TEST(PageWrittenForReclaim, IsLockedWhileItsBlockIsBeingFoundAndOtherWritersWaitForIt) {
  struct Stands {};
  KernelHost h;
  Task other;
  other.id = TaskId{2};
  h.kernel.enter(other);
  h.kernel.create_on(DeviceId{0}, "new");
  for (Task* task : {&h.task, &other}) h.kernel.map(*task, "view", {8}, "new", true, std::nullopt);
  h.kernel.touch(h.task, "view", 5, {1}, true);
  h.kernel.lru().drain(OnCpu{h.task});

  bool overtaken = false;
  h.machine.on_wait([&](Task& sleeper, WaitQueue& queue, auto) {
    if (&sleeper == &other && h.frame("new", 5).has(PageFlag::locked)) {
      queue.waiters().clear();
      throw Stands{};
    }
    if (&sleeper == &h.task && !std::exchange(overtaken, true)) {
      EXPECT_THROW(h.kernel.touch(other, "view", 5, {1}, true), Stands) << "made dirty, and sent";
      EXPECT_THROW(h.kernel.sync(other), Stands) << "listed as dirty until its write begins";
    }
    h.complete_io();
  });
  h.kernel.holders().pageout(h.task, *h.file("new").find(5));
  EXPECT_TRUE(overtaken);
  EXPECT_TRUE(h.frame("new", 5).has(PageFlag::writeback));
  EXPECT_FALSE(h.frame("new", 5).has(PageFlag::locked));
}

}  // namespace
}  // namespace numasim
