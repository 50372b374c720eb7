// Pitfall 38: who may write to a device whose queue is congested.

#include <gtest/gtest.h>

#include "tests/support/kernel_host.hpp"

namespace numasim {
namespace {

constexpr DeviceId kDisk{0};

/// One node of 32 MiB at its min mark, with 700 dirty pages of a file and a congested disk.
struct DirtyHost : KernelHost {
  DirtyHost() {
    EXPECT_EQ(kernel.write(task, "file", 0, {700}), Done::all);
    for (Zone* zone : kernel.memory().zones())
      while (zone->free_pages() > zone->marks.min)
        EXPECT_TRUE(zone->take(OnCpu{task}, Order{0}, GFP_HIGHUSER_MOVABLE));
    machine.congest(kDisk, IoDirection::write);
    bios.clear();
  }
  std::size_t written() const { return sent(IoDirection::write).size(); }
};

TEST(Pitfall, P38_ADirectReclaimerDoesNotWriteToACongestedQueue) {
  DirtyHost h;
  h.kernel.alloc_pages(h.task, GFP_KERNEL | __GFP_NORETRY, Order{0}, std::nullopt);
  EXPECT_GT(h.kernel.memory().events().allocstall, 0);
  EXPECT_EQ(h.written(), 0u);
  h.machine.relieve(kDisk, IoDirection::write);
  h.kernel.alloc_pages(h.task, GFP_KERNEL | __GFP_NORETRY, Order{0}, std::nullopt);
  EXPECT_GT(h.written(), 0u);
}

TEST(Pitfall, P38_ATaskMayWriteToTheDeviceItIsWritingToWhenReclaimingInBetween) {
  DirtyHost h;
  h.task.writing_to = kDisk;
  h.kernel.alloc_pages(h.task, GFP_KERNEL | __GFP_NORETRY, Order{0}, std::nullopt);
  EXPECT_GT(h.written(), 0u);
  h.task.writing_to = DeviceId{1};
  h.bios.clear();
  h.kernel.alloc_pages(h.task, GFP_KERNEL | __GFP_NORETRY, Order{0}, std::nullopt);
  EXPECT_EQ(h.written(), 0u);
}

TEST(Pitfall, P38_KswapdWritesToACongestedQueue) {
  DirtyHost h;
  struct Stop {};
  Task kswapd;
  kswapd.name = "kswapd0";
  int sleeps = 0;
  h.machine.on_wait([&](Task&, WaitQueue& queue, auto timeout) {
    h.complete_io();
    if (timeout) return;
    if (++sleeps == 2) {
      queue.waiters().clear();
      throw Stop{};
    }
    h.machine.wake_all(queue);
  });
  EXPECT_THROW(h.kernel.kswapd(kswapd, NodeId{0}), Stop);
  EXPECT_GT(h.written(), 0u);
}

}  // namespace
}  // namespace numasim
