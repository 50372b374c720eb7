// Writes that a device gives up: what becomes of the pages.

#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

/// One node of 32 MiB with swap on a device that fails every write.
struct FailingHost : KernelHost {
  FailingHost() {
    machine.on_wait([this](Task&, WaitQueue&, auto) { end_io(); });
  }
  void end_io() {
    while (!in_flight.empty()) {
      const Bio bio = in_flight.front();
      in_flight.pop_front();
      if (bio.direction == IoDirection::read) {
        kernel.io_completed(bio);
      } else {
        ++failed;
        kernel.io_failed(bio);
      }
    }
  }

  int failed = 0;
};

TEST(FailedWrite, OfAFileLeavesThePageCleanAndTheFileRemembersIt) {
  FailingHost h;
  EXPECT_EQ(h.kernel.write(h.task, "file", 0, {20'000}), Done::all) << "nobody tells the writer";
  h.end_io();
  EXPECT_GT(h.failed, 90) << "bios of 128 pages at most";
  EXPECT_EQ(h.count(ZoneStat::writeback), 0);
  EXPECT_TRUE(h.kernel.mappings().file("file").write_error);
  EXPECT_FALSE(h.kernel.mappings().file("other").write_error);
  h.kernel.validate();
}

TEST(FailedWrite, OfAPageForSwapLeavesItDirtyWhereItIs) {
  FailingHost h;
  h.kernel.swapon({DeviceId{0}, 1 << 20, {1001}, std::nullopt});
  h.kernel.map(h.task, "heap", {14}, "", false, std::nullopt);
  h.kernel.touch(h.task, "heap", 0, {14}, true);
  const OnCpu on{h.task};
  h.kernel.lru().drain(on);
  const Pfn pfn = h.task.mm->find("heap")->pages.find(3)->pfn();
  ASSERT_TRUE(h.kernel.holders().add_to_swap(on, pfn));
  ASSERT_EQ(h.kernel.holders().try_to_unmap(on, pfn), PageHolders::Unmap::was_referenced);
  ASSERT_EQ(h.kernel.holders().try_to_unmap(on, pfn), PageHolders::Unmap::done);
  h.kernel.holders().pageout(h.task, pfn);
  h.end_io();
  const Frame& frame = h.kernel.memory().frames()[pfn];
  EXPECT_EQ(h.failed, 1);
  EXPECT_TRUE(frame.has(PageFlag::dirty)) << "only this copy is good";
  EXPECT_FALSE(frame.has(PageFlag::writeback) || frame.has(PageFlag::reclaim));
  EXPECT_EQ(h.kernel.touch(h.task, "heap", 3, {1}, false), Done::all);
  EXPECT_EQ(h.kernel.memory().events().pswpin, 0) << "found in the swap cache";
  h.kernel.validate();
}

}  // namespace
}  // namespace numasim
