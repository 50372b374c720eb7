// Pitfalls 35 and 38 where they are about swap.

#include <gtest/gtest.h>

#include <array>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

constexpr DeviceId kDisk{0};

/// A task with a heap of 14 pages, and swap for them.
struct Swapping : KernelHost {
  Swapping() {
    disk_is_instant = true;
    kernel.swapon({kDisk, 1 << 20, {1001}, std::nullopt});
    kernel.map(task, "heap", {14}, "", false, std::nullopt);
    kernel.touch(task, "heap", 0, {14}, true);
    kernel.lru().drain(OnCpu{task});
  }
  Pte& pte() { return *task.mm->find("heap")->pages.find(3); }
  PageHolders::Pageout write_out() {
    const OnCpu on{task};
    const Pfn pfn = pte().pfn();
    pte().young = false;
    EXPECT_TRUE(kernel.holders().add_to_swap(on, pfn));
    EXPECT_EQ(kernel.holders().try_to_unmap(on, pfn), PageHolders::Unmap::done);
    return kernel.holders().pageout(task, pfn);
  }
};

TEST(Pitfall, P35_AnonymousAndSwappedInPagesStartOnTheActiveListAndFilePagesDoNot) {
  Swapping s;
  const OnCpu on{s.task};
  const auto is_active = [&](Pfn pfn) {
    s.kernel.lru().drain(on);
    return s.kernel.memory().frames()[pfn].has(PageFlag::active);
  };
  EXPECT_TRUE(is_active(s.pte().pfn()));
  s.write_out();
  const Pfn copy = *s.kernel.swap_cache().find(s.pte().swap_entry());
  s.kernel.swap_cache().remove(on, copy);
  s.kernel.lru().release(on, std::array{copy});
  EXPECT_EQ(s.kernel.touch(s.task, "heap", 3, {1}, false), Done::all);
  ASSERT_EQ(s.kernel.memory().events().pswpin, 1);
  EXPECT_TRUE(is_active(s.pte().pfn()));
  s.kernel.read(s.task, "file", 0, {1});
  EXPECT_FALSE(is_active(*s.kernel.mappings().file("file").find(0)));
}

TEST(Pitfall, P38_SwapIsNeverTakenForCongested) {
  Swapping s;
  s.machine.congest(kDisk, IoDirection::write);
  EXPECT_FALSE(s.task.swapwrite);
  EXPECT_EQ(s.write_out(), PageHolders::Pageout::started);
}

}  // namespace
}  // namespace numasim
