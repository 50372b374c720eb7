// Pitfall 39, the devices' side of it: who wakes a sleeper of congestion_wait.

#include <gtest/gtest.h>

#include "allocator/congestion.hpp"
#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

constexpr DeviceId kBusy{0}, kOther{1};

/// Two disks of 100 MB/s, and sleepers of congestion_wait that hear of both.
struct Disks : BlockListener {
  Disks() : crew(two_disks()), congestion(crew.machine, steps) { crew.machine.set_listener(this); }
  static MachineConfig two_disks() {
    MachineConfig config = plain_machine(1, 2);
    config.disks.push_back(config.disks[0]);
    config.disks[1].name = "sdb";
    return config;
  }
  void io_completed(const Bio& bio) override { ++completed[bio.device.value]; }
  void congestion_cleared(DeviceId, IoDirection direction) override {
    congestion.cleared(direction);
  }
  /// `count` requests that nothing merges, all at once.
  void write(Task& task, DeviceId device, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i)
      crew.machine.submit(task, {IoDirection::write, device, i * 80, Bytes{kPageBytes}, false, 0});
    crew.machine.unplug(device);
  }

  Crew crew;
  Steps steps;
  Congestion congestion;
  int completed[2] = {0, 0};
};

TEST(Pitfall, P39_AFreedWriteRequestOfAnyQueueWakesIfItIsBelowTheOffThreshold) {
  Disks d;
  int of_busy = 0, of_other = 0;
  d.crew.add("writer", 0, [&](Task& task) {
    d.write(task, kBusy, 120);
    d.write(task, kOther, 1);
  });
  d.crew.add("sleeper", 1, [&](Task& task) {
    d.congestion.wait(task, IoDirection::write, Jiffies{100});
    of_busy = d.completed[0];
    of_other = d.completed[1];
  });
  d.crew.machine.run();
  EXPECT_EQ(of_other, 1) << "woken by the queue that has next to nothing to do";
  EXPECT_LT(of_busy, 120 - 103) << "while the other is above its threshold";
}

TEST(Pitfall, P39_AQueueAboveItsOffThresholdWakesNobody) {
  Disks d;
  int left = 0;
  d.crew.add("writer", 0, [&](Task& task) { d.write(task, kBusy, 120); });
  d.crew.add("sleeper", 1, [&](Task& task) {
    d.congestion.wait(task, IoDirection::write, Jiffies{100});
    left = d.crew.machine.device(kBusy).queue().accounting().count(IoDirection::write);
  });
  d.crew.machine.run();
  EXPECT_EQ(left, 102) << "the first freed request that leaves less than 103";
}

}  // namespace
}  // namespace numasim
