// Swapping: pages go out to their slots and come back, on a fake machine whose disk completes at
// once, or when somebody waits.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

constexpr std::uint64_t kSwapSector = 1 << 20;
constexpr std::int64_t kRamPages = 8192;  // 32 MiB

/// One node of 32 MiB with 64 MiB of swap and a task whose heap is larger than the memory.
struct SwapHost : KernelHost {
  explicit SwapHost(std::int64_t slots = 16384) {
    disk_is_instant = true;
    kernel.swapon({DeviceId{0}, kSwapSector, {slots + 1}, std::nullopt});
    kernel.map(task, "heap", {10000}, "", false, std::nullopt);
  }
  Done touch(PageIndex first, std::int64_t count, bool write = true) {
    return kernel.touch(task, "heap", first, {count}, write);
  }
  Pte& pte(PageIndex page) { return *task.mm->find("heap")->pages.find(page); }
  Frame& frame(PageIndex page) { return kernel.memory().frames()[pte(page).pfn()]; }
  /// What was submitted to the device since last asked, as "write 1048584" (sector).
  std::vector<std::string> submitted() {
    std::vector<std::string> found;
    for (const std::string& step : machine.take_steps())
      if (step.starts_with("submit ")) found.push_back(step.substr(7, step.rfind(' ') - 7));
    return found;
  }
  /// Takes a page from its task by hand, as reclaim would, and writes it if it must be written.
  void swap_out(PageIndex page) {
    const Pfn pfn = pte(page).pfn();
    const OnCpu on{task};
    Frame& page_frame = kernel.memory().frames()[pfn];
    page_frame.clear(PageFlag::referenced);
    pte(page).young = false;
    kernel.lru().drain(on);
    const bool has_slot = page_frame.has(PageFlag::swap_cache);
    ASSERT_TRUE(has_slot || kernel.holders().add_to_swap(on, pfn));
    ASSERT_EQ(kernel.holders().try_to_unmap(on, pfn), PageHolders::Unmap::done);
    if (page_frame.has(PageFlag::dirty)) kernel.holders().pageout(task, pfn);
  }
  void swap_out(PageIndex first, PageIndex count) {
    for (PageIndex page = first; page < first + count; ++page) swap_out(page);
  }
  /// Frees the copies in the swap cache of pages that were written.
  void forget_copies(PageIndex first, PageIndex count) {
    const OnCpu on{task};
    for (PageIndex page = first; page < first + count; ++page) {
      const Pfn pfn = *kernel.swap_cache().find(pte(page).swap_entry());
      kernel.swap_cache().remove(on, pfn);
      kernel.lru().release(on, std::array{pfn});
    }
  }
  std::int64_t used_slots() {
    return (kernel.swap_space().total() - kernel.swap_space().free_slots()).value;
  }
};

TEST(Swap, TakesWhatDoesNotFitIntoMemory) {
  SwapHost h;
  EXPECT_EQ(h.touch(0, 10000), Done::all);
  EXPECT_GE(h.events().pswpout, 10000 - kRamPages);
  EXPECT_EQ(h.task.mm->anon_rss.value, h.count(ZoneStat::anon_pages));
  EXPECT_LT(h.task.mm->anon_rss.value, kRamPages);
  EXPECT_EQ(h.kernel.oom().kills(), 0);
  h.kernel.validate();
}

TEST(Swap, WritesPagesInTheOrderOfTheirSlots) {
  SwapHost h;
  h.touch(0, 10000);
  const std::vector<std::string> io = h.submitted();
  ASSERT_GT(io.size(), 300u);
  for (std::size_t i = 0; i < 300; ++i)
    ASSERT_EQ(io[i], "write " + std::to_string(kSwapSector + 8 * (i + 1)));
}

std::vector<std::string> reads(std::uint64_t first_slot, std::uint64_t end_slot) {
  std::vector<std::string> io;
  for (std::uint64_t slot = first_slot; slot < end_slot; ++slot)
    io.push_back("read " + std::to_string(kSwapSector + 8 * slot));
  return io;
}

TEST(Swap, ReadsAMissedPageWithItsGroupOfSlots) {
  SwapHost h;
  h.touch(0, 100);
  h.swap_out(0, 30);
  h.forget_copies(0, 30);
  h.submitted();
  h.touch(19, 1, false);  // slot 20
  EXPECT_EQ(h.submitted(), reads(16, 24));
  EXPECT_EQ(h.events().pswpin, 8);
  EXPECT_EQ(h.events().pgmajfault, 1);
  h.touch(20, 1, false);
  EXPECT_EQ(h.events().pgmajfault, 1);  // read with the other: found in the swap cache
  h.kernel.validate();
}

TEST(Swap, StopsReadingAheadAtAFreeSlotAndThenReadsTheMissedOne) {
  SwapHost h;
  h.touch(0, 100);
  h.swap_out(0, 30);
  h.forget_copies(0, 30);
  h.touch(17, 1);  // slot 18
  h.kernel.swap_cache().remove_exclusive(OnCpu{h.task}, h.pte(17).pfn(),
                                         SwapCache::By::its_last_user);
  h.kernel.lru().drain(OnCpu{h.task});
  ASSERT_EQ(h.kernel.swap_space().uses(SwapEntry::of(0, 18)), 0);
  const OnCpu on{h.task};
  h.kernel.swap_cache().for_each([&](SwapEntry, Pfn pfn) {
    h.kernel.swap_cache().remove(on, pfn);
    h.kernel.lru().release(on, std::array{pfn});
  });
  h.submitted();
  h.touch(21, 1, false);  // slot 22
  EXPECT_EQ(h.submitted(), (std::vector<std::string>{
                               "read " + std::to_string(kSwapSector + 8 * 16),
                               "read " + std::to_string(kSwapSector + 8 * 17),
                               "read " + std::to_string(kSwapSector + 8 * 22)}));
  h.kernel.validate();
}

TEST(Swap, WaitsForItsOwnPageOnly) {
  SwapHost h;
  h.touch(0, 100);
  h.swap_out(0, 30);
  h.forget_copies(0, 30);
  h.disk_is_instant = false;
  int left = 0;
  h.machine.on_wait([&](Task&, WaitQueue&, auto) {
    for (int i = 0; i < 5; ++i) {  // slot 20 is the fifth of its group
      const Bio bio = h.in_flight.front();
      h.in_flight.pop_front();
      h.kernel.io_completed(bio);
    }
    left = static_cast<int>(h.in_flight.size());
  });
  h.touch(19, 1, false);
  EXPECT_EQ(left, 3);
  EXPECT_TRUE(h.pte(19).present());
  h.complete_io();
  h.kernel.validate();
}

TEST(SwapCache, KeepsTheSlotOfAPageThatWasReadBack) {
  SwapHost h;
  h.touch(0, 10);
  h.swap_out(0);
  h.forget_copies(0, 1);
  h.touch(0, 1, false);
  EXPECT_TRUE(h.frame(0).has(PageFlag::swap_cache));
  EXPECT_FALSE(h.frame(0).has(PageFlag::dirty));
  EXPECT_EQ(h.used_slots(), 1);
  h.kernel.validate();
}

TEST(SwapCache, NeedsNoWriteForAPageThatWasOnlyReadSince) {
  SwapHost h;
  h.touch(0, 10);
  h.swap_out(0);
  h.forget_copies(0, 1);
  h.touch(0, 1, false);
  const std::int64_t written = h.events().pswpout;
  h.swap_out(0);
  EXPECT_EQ(h.events().pswpout, written);
  EXPECT_EQ(h.pte(0).swap_entry(), SwapEntry::of(0, 1));
  const Pfn copy = *h.kernel.swap_cache().find(h.pte(0).swap_entry());
  EXPECT_TRUE(h.kernel.holders().remove_mapping(OnCpu{h.task}, copy));
}

TEST(SwapCache, WritesAPageThatWasWrittenToIntoItsOldSlotAgain) {
  SwapHost h;
  h.touch(0, 10);
  h.swap_out(0);
  h.forget_copies(0, 1);
  h.touch(0, 1, true);
  h.submitted();
  h.swap_out(0);
  EXPECT_EQ(h.submitted(), (std::vector{"write " + std::to_string(kSwapSector + 8)}));
}

TEST(SwapCache, LetsAWriteToAPageReadBackGoOnAfterAShortFault) {
  SwapHost h;
  h.touch(0, 10);
  h.swap_out(0);
  h.touch(0, 1, false);
  EXPECT_FALSE(h.pte(0).writable);
  const Pfn before = h.pte(0).pfn();
  const std::int64_t faults = h.events().pgfault;
  h.touch(0, 1, true);
  EXPECT_EQ(h.events().pgfault, faults + 1);
  EXPECT_TRUE(h.pte(0).maps(before));
  EXPECT_TRUE(h.pte(0).dirty);
}

TEST(SwapCache, GivesUpTheSlotOnReadingBackOnceSwapIsMoreThanHalfFull) {
  SwapHost h(19);
  h.touch(0, 30);
  h.swap_out(0, 10);
  h.forget_copies(0, 10);
  ASSERT_TRUE(h.kernel.swap_space().full());
  h.touch(3, 1, false);
  EXPECT_FALSE(h.frame(3).has(PageFlag::swap_cache));
  EXPECT_TRUE(h.frame(3).has(PageFlag::dirty));  // no slot has its contents
  EXPECT_EQ(h.used_slots(), 9);
  h.kernel.validate();
}

TEST(SwapCache, MapsAPageThatIsStillBeingWrittenWithoutWaiting) {
  SwapHost h;
  h.touch(0, 10);
  h.disk_is_instant = false;
  h.swap_out(0);
  h.machine.on_wait([](Task&, WaitQueue&, auto) { FAIL() << "it waits"; });
  h.touch(0, 1, true);
  EXPECT_TRUE(h.frame(0).has(PageFlag::writeback));
  EXPECT_EQ(h.events().pgmajfault, 0);
  h.complete_io();
  h.kernel.validate();
}

TEST(SwapCache, DropsTheSlotOfAPageWithoutTaskInsteadOfWritingIt) {
  SwapHost h;
  h.touch(0, 10);
  const Pfn pfn = h.pte(0).pfn();
  h.disk_is_instant = false;
  h.swap_out(0);
  h.kernel.exit(h.task);  // the page stays: it is being written
  EXPECT_EQ(h.used_slots(), 1);
  h.complete_io();
  Frame& frame = h.kernel.memory().frames()[pfn];
  frame.set(PageFlag::dirty);
  h.submitted();
  EXPECT_EQ(h.kernel.holders().pageout(h.task, pfn), PageHolders::Pageout::started);
  EXPECT_EQ(h.used_slots(), 0);
  EXPECT_TRUE(h.submitted().empty());
  EXPECT_TRUE(frame.has(PageFlag::orphaned));
}

TEST(Swap, RotatesPagesToTheInactiveTailWhenFourteenOfTheirWritesHaveEnded) {
  SwapHost h;
  h.touch(0, 100);
  h.disk_is_instant = false;
  const OnCpu on{h.task};
  for (PageIndex page = 0; page < 14; ++page) {
    const Pfn pfn = h.pte(page).pfn();
    h.swap_out(page);
    Zone& zone = h.kernel.memory().zone_of(pfn);
    h.kernel.lru().remove(on, zone, pfn);
    h.kernel.lru().insert(on, zone, pfn, false);
  }
  const Bio last = h.in_flight.back();
  h.in_flight.pop_back();
  h.complete_io();
  EXPECT_EQ(h.events().pgrotated, 0);
  h.kernel.io_completed(last);
  EXPECT_EQ(h.events().pgrotated, 14);
  h.kernel.validate();
}

TEST(Swap, IsEmptyAgainWhenItsTasksHaveGone) {
  SwapHost h;
  const std::int64_t free = h.count(ZoneStat::free_pages);
  h.touch(0, 10000);
  h.touch(0, 2000, false);
  h.kernel.exit(h.task);
  h.kernel.drain(h.task, true);
  EXPECT_EQ(h.used_slots(), 0);
  EXPECT_EQ(h.count(ZoneStat::free_pages), free - h.kernel.slabs().total_pages())
      << "but for the slabs of bios, which stay while few objects are free";
  h.kernel.validate();
}

TEST(Swap, RefusesPagesWhenItIsFull) {
  SwapHost h(5);
  h.touch(0, 100);
  h.swap_out(0, 5);
  EXPECT_EQ(h.used_slots(), 5);
  EXPECT_FALSE(h.kernel.holders().add_to_swap(OnCpu{h.task}, h.pte(5).pfn()));
  h.kernel.validate();
}

/// Sums up what direct reclaim counted as scanned.
class Scanned final : public Observer {
 public:
  void on(const Task&, const Event& event) override {
    if (const auto* shrunk = std::get_if<event::ZoneShrunk>(&event)) pages += shrunk->scanned.value;
  }
  std::int64_t pages = 0;
};

TEST(Swap, CountsAPageAsScannedTwiceWhenItIsMappedOrInTheSwapCache) {
  SwapHost h;
  Scanned scanned;
  h.kernel.memory().steps().listen(&scanned);
  h.touch(0, 10000);
  std::int64_t looked_at = 0;
  for (const std::int64_t pages : h.events().pgscan_direct) looked_at += pages;
  EXPECT_GT(looked_at, 0);
  EXPECT_EQ(scanned.pages, 2 * looked_at);
  h.kernel.memory().steps().listen(nullptr);
}

TEST(Swap, CountsItsPagesAsWrittenByReclaim) {
  SwapHost h;
  h.touch(0, 10000);
  EXPECT_EQ(h.count(ZoneStat::vmscan_write), h.events().pswpout);
  EXPECT_EQ(h.events().pgpgout, 8 * h.events().pswpout);
}

TEST(SwapToken, SparesTheYoungestThrasherWhileItFaults) {
  SwapHost h;
  h.touch(0, 10);
  h.swap_out(0);
  h.forget_copies(0, 1);
  h.touch(0, 1);  // a miss: the task takes the token
  const Pfn pfn = h.pte(5).pfn();
  Task other;
  h.pte(5).young = false;
  EXPECT_EQ(h.kernel.holders().page_referenced(other, pfn), 0);
  h.task.mm->faulting = 1;
  EXPECT_EQ(h.kernel.holders().page_referenced(other, pfn), 1);
  EXPECT_EQ(h.kernel.holders().page_referenced(h.task, pfn), 0);  // not for itself
  h.kernel.holders().disable_swap_token();
  EXPECT_EQ(h.kernel.holders().page_referenced(other, pfn), 0);
  h.task.mm->faulting = 0;
}

TEST(ValidateKernel, StopsTheProgramWhenAPageTableEntryMapsAnotherPage) {
  SwapHost h;
  h.touch(0, 10);
  const Pfn other = h.pte(4).pfn();
  EXPECT_DEATH((h.pte(3).map(other), h.kernel.validate()), "region heap page 3");
}

TEST(ValidateKernel, StopsTheProgramWhenASlotHasAUseTooMany) {
  SwapHost h;
  h.touch(0, 10);
  h.swap_out(0, 5);
  EXPECT_DEATH((h.kernel.swap_cache().space().duplicate(SwapEntry::of(0, 2)), h.kernel.validate()),
               "slot 2 uses 2 counted 3");
}

TEST(ValidateKernel, StopsTheProgramWhenASwapCachePageForgetsItsSlot) {
  SwapHost h;
  h.touch(0, 10);
  h.swap_out(0, 5);
  Frame& copy = h.kernel.memory().frames()[*h.kernel.swap_cache().find(SwapEntry::of(0, 2))];
  EXPECT_DEATH((copy.clear(PageFlag::swap_cache), h.kernel.validate()), "item 5|slot 2");
}

}  // namespace
}  // namespace numasim
