// A device that is slow, stuck, or fails its writes for a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/hardware/device_faults.hpp"
#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = DiskFault::Kind;

constexpr DeviceId kDisk{0};
constexpr SimDuration kTransfer{kPageBytes * 10};  // of a page at 100 MB/s

/// Writes down when the bios end, "done" or "failed", and which requests the device gives up.
struct Ear : BlockListener, Observer {
  explicit Ear(const SimMachine& machine) : machine(machine) {}
  void io_completed(const Bio&) override { note("done"); }
  void io_failed(const Bio&) override { note("failed"); }
  void congestion_cleared(DeviceId, IoDirection) override {}
  void on(const Task&, const Event& event) override {
    if (const auto* failed = std::get_if<event::WriteFailed>(&event)) lost += failed->pages;
  }
  void note(const std::string& what) {
    ends.push_back(what + " at " + std::to_string(to_ns(machine.now()) / 1000) + " us");
  }

  const SimMachine& machine;
  std::vector<std::string> ends;
  PageCount lost{0};
};

/// Pages far from each other, one transfer at a time, each begun once the one before it ended.
std::vector<std::string> ends_of(int pages, const std::vector<DiskFault>& faults,
                                 IoDirection direction = IoDirection::write) {
  MachineConfig config = plain_machine(1, 1);
  config.disks[0].faults = faults;
  Crew crew(config);
  Ear ear(crew.machine);
  crew.machine.set_listener(&ear);
  crew.add("writer", 0, [&](Task& task) {
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(pages); ++i) {
      crew.machine.submit(task, {direction, kDisk, i * 80, Bytes{kPageBytes}, true, i});
      while (ear.ends.size() == i) crew.spend(task, 10us);
    }
  });
  crew.machine.run();
  return ear.ends;
}

TEST(DeviceFaults, ASoundDeviceTakesTheTimeOfItsMedium) {
  EXPECT_THAT(ends_of(2, {}), ElementsAre("done at 40 us", "done at 90 us"));
}

TEST(DeviceFaults, ASlowDeviceTakesSoManyTimesAsLongForWhatItBeginsMeanwhile) {
  const DiskFault slow{.from = 50us, .until = 60us, .kind = Kind::slow, .factor = 10};
  EXPECT_THAT(ends_of(3, {slow}), ElementsAre("done at 40 us", "done at 459 us", "done at 500 us"));
}

TEST(DeviceFaults, AStuckDeviceBeginsNothingUntilItWorksAgain) {
  const DiskFault stuck{.from = 50us, .until = 5ms, .kind = Kind::stuck};
  EXPECT_THAT(ends_of(3, {stuck}),
              ElementsAre("done at 40 us", "done at 5040 us", "done at 5090 us"));
}

TEST(DeviceFaults, WhatIsOnTheMediumWhenADeviceSticksStillEnds) {
  const DiskFault stuck{.from = 10us, .until = 1ms, .kind = Kind::stuck};
  EXPECT_THAT(ends_of(2, {stuck}), ElementsAre("done at 40 us", "done at 1040 us"));
}

constexpr DiskFault kFailing{.from = 50us, .until = 100us, .kind = Kind::failing_writes};

TEST(DeviceFaults, WritesThatEndMeanwhileFail) {
  EXPECT_THAT(ends_of(3, {kFailing}),
              ElementsAre("done at 40 us", "failed at 90 us", "done at 140 us"));
}

TEST(DeviceFaults, ReadsDoNotFail) {
  EXPECT_THAT(ends_of(3, {kFailing}, IoDirection::read),
              ElementsAre("done at 40 us", "done at 90 us", "done at 140 us"));
}

TEST(DeviceFaults, AFailedRequestIsToldOnceWithAllItsPagesAndCounted) {
  MachineConfig config = plain_machine(1, 1);
  config.disks[0].faults = {{.kind = Kind::failing_writes}};  // for good
  Crew crew(config);
  Ear ear(crew.machine);
  Steps steps;
  steps.listen(&ear);
  crew.machine.observe(&steps);
  crew.machine.set_listener(&ear);
  crew.add("writer", 0, [&](Task& task) {
    for (std::uint64_t page = 0; page < 3; ++page)
      crew.machine.submit(task, {IoDirection::write, kDisk, page * 8, Bytes{kPageBytes}, false, 0});
    crew.machine.unplug(kDisk);
    while (ear.ends.size() < 3) crew.spend(task, 10us);
  });

  crew.machine.run();

  const BlockTotals totals = crew.machine.device(kDisk).totals();
  EXPECT_EQ(totals.failed_writes, 1);
  EXPECT_EQ(totals.requests[index(IoDirection::write)], 1);
  EXPECT_EQ(ear.lost, PageCount{3});
}

TEST(DeviceFaults, FollowOnOneAnotherAndTheWorstCounts) {
  const DeviceFaults faults({{.from = 20us, .until = 30us, .kind = Kind::stuck},
                             {.from = 10us, .until = 20us, .kind = Kind::stuck},
                             {.from = 0us, .until = 50us, .kind = Kind::slow, .factor = 3},
                             {.from = 40us, .kind = Kind::slow, .factor = 7}});
  EXPECT_EQ(faults.stuck_until(at(10us)), at(30us));
  EXPECT_EQ(faults.stuck_until(at(30us)), std::nullopt);
  EXPECT_EQ(faults.slowdown(at(30us)), 3);
  EXPECT_EQ(faults.slowdown(at(45us)), 7);
  EXPECT_EQ(faults.slowdown(at(1h)), 7) << "without an end it never ends";
}

TEST(DeviceFaults, ADeviceStuckForGoodHoldsNothingBack) {
  const DeviceFaults faults({{.from = 5us, .kind = Kind::stuck}});
  EXPECT_EQ(faults.stuck_until(at(5us)), SimTime::max());
}

}  // namespace
}  // namespace numasim
