// A block device in the machine: what writers wait for and how fast the medium is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;

constexpr DeviceId kDisk{0};

Bio write_page(std::uint64_t page) {
  return {IoDirection::write, kDisk, page * (kPageBytes / 512), Bytes{kPageBytes}, false, page};
}

/// Counts what the devices say.
struct Ear : BlockListener, Observer {
  std::int64_t completed = 0;
  std::int64_t cleared = 0;
  std::vector<std::string> marks;
  std::function<int()> requests;

  void io_completed(const Bio&) override { ++completed; }
  void congestion_cleared(DeviceId, IoDirection) override { ++cleared; }
  void on(const Task& by, const Event& event) override {
    const bool set = std::holds_alternative<event::CongestionSet>(event);
    marks.push_back(by.name + (set ? " set at " : " cleared at ") + std::to_string(requests()));
  }
};

TEST(BlockDevice, ASequentialStreamReachesTheRateOfTheMedium) {
  constexpr int kPages = 4096;  // 16 MiB
  Crew crew(plain_machine(1, 1));
  Ear ear;
  WaitQueue done("all written");
  crew.machine.set_listener(&ear);
  crew.add("writer", 0, [&](Task& task) {
    for (std::uint64_t page = 0; page < kPages; ++page) {
      crew.spend(task, 1us);
      crew.machine.submit(task, write_page(page));
    }
    while (ear.completed < kPages) crew.machine.sleep(task, Jiffies{1});
  });

  crew.machine.run();

  const BlockTotals totals = crew.machine.device(kDisk).totals();
  const double expected = kPages * static_cast<double>(kPageBytes) * 10;  // ns at 100 MB/s
  EXPECT_NEAR(static_cast<double>(to_ns(totals.busy)), expected, 100.0);
  EXPECT_EQ(totals.bytes[index(IoDirection::write)], Bytes{kPages * kPageBytes});
  EXPECT_LT(totals.requests[index(IoDirection::write)], kPages / 50);  // merged
}

TEST(BlockDevice, SeeksUnlessARequestGoesOnWhereTheLastOneEnded) {
  MachineConfig config = plain_machine(1, 1);
  config.disks[0].overhead = 100us;
  config.disks[0].seek = 4ms;
  Crew crew(config);
  Ear ear;
  crew.machine.set_listener(&ear);
  crew.add("writer", 0, [&](Task& task) {
    for (const std::uint64_t page : {0, 1, 1000}) {
      Bio bio = write_page(page);
      bio.sync = true;
      crew.machine.submit(task, bio);
      const auto before = ear.completed;
      while (ear.completed == before) crew.spend(task, 10us);
    }
  });

  crew.machine.run();

  const SimDuration transfer{kPageBytes * 10};
  EXPECT_EQ(crew.machine.device(kDisk).totals().busy, 3 * (100us + transfer) + 4ms);
}

TEST(BlockDevice, CongestionIsSetAt113RequestsAndClearedBelow103) {
  Crew crew(plain_machine(1, 1));
  Ear ear;
  Steps steps;
  steps.listen(&ear);
  crew.machine.observe(&steps);
  crew.machine.set_listener(&ear);
  ear.requests = [&] {
    return crew.machine.device(kDisk).queue().accounting().count(IoDirection::write);
  };
  crew.add("writer", 0, [&](Task& task) {
    for (std::uint64_t i = 0; i < 120; ++i) crew.machine.submit(task, write_page(i * 10));
    EXPECT_TRUE(crew.machine.is_congested(kDisk, IoDirection::write));
    EXPECT_FALSE(crew.machine.is_congested(kDisk, IoDirection::read));
    while (ear.completed < 120) crew.machine.sleep(task, Jiffies{1});
  });

  crew.machine.run();

  // Told as the 113th request is granted, and as the 103rd is left.
  EXPECT_THAT(ear.marks, ElementsAre("blk set at 113", "blk cleared at 102"));
  EXPECT_EQ(ear.cleared, 103);
}

TEST(BlockDevice, AFullQueueMakesWritersWaitInTurn) {
  MachineConfig config = plain_machine(1, 2);
  config.disks[0].nr_requests = 4;
  Crew crew(config);
  for (const int cpu : {0, 1}) {
    crew.add("writer" + std::to_string(cpu), cpu, [&crew, cpu](Task& task) {
      const std::uint64_t from = static_cast<std::uint64_t>(cpu) * 100'000;
      for (std::uint64_t i = 0; i < 50; ++i) crew.machine.submit(task, write_page(from + i * 10));
    });
  }

  const RunEnd end = crew.machine.run();

  for (const TaskId id : {TaskId{1}, TaskId{2}}) {
    const TaskTimes times = crew.machine.times(id);
    ASSERT_EQ(times.waits.size(), 1u);
    EXPECT_EQ(times.waits[0].queue, "sda write request");
    EXPECT_GT(times.waits[0].sleeps, 1);
    EXPECT_EQ(times.total(), *times.end - times.begin);
  }
  // All but the last six requests, which may still be queued, have passed the medium.
  EXPECT_GE(end.date, at(94 * SimDuration{kPageBytes * 10}));
}

TEST(BlockDevice, APlugHoldsALoneWriteForOneTick) {
  Crew crew(plain_machine(1, 1), 250);
  Ear ear;
  crew.machine.set_listener(&ear);
  crew.add("writer", 0, [&](Task& task) {
    crew.spend(task, 1ms);
    crew.machine.submit(task, write_page(0));
    while (ear.completed == 0) crew.spend(task, 1us);
    crew.note(task, "written");
  });

  crew.machine.run();

  EXPECT_THAT(crew.log, ElementsAre("4041000 writer written"));  // tick 4 ms, transfer 41 us
}

TEST(BlockDevice, TheInterruptAtARequestsEndDelaysWhoeverHasTheBootCpu) {
  MachineConfig config = plain_machine(1, 1);
  config.disks[0].completion = 2ms;
  Crew crew(config);
  Ear ear;
  crew.machine.set_listener(&ear);
  crew.add("writer", 0, [&](Task& task) {
    crew.machine.submit(task, write_page(0));
    crew.machine.unplug(kDisk);
    crew.spend(task, 10ms);  // the page is on the medium after 41 us: 2 ms of these are not ours
    crew.note(task, "done");
  });

  crew.machine.run();

  EXPECT_EQ(ear.completed, 1);
  EXPECT_THAT(crew.log, ElementsAre("12000000 writer done"));
}

TEST(BlockDevice, NoopServesRequestsInTheOrderTheyCameWhereCfqSorts) {
  using Pages = std::vector<std::uint64_t>;
  for (const auto& [elevator, expected] : {std::pair{Elevator::noop, Pages{500, 300, 100}},
                                           std::pair{Elevator::cfq, Pages{100, 300, 500}}}) {
    RequestQueueConfig config;
    config.elevator = elevator;
    RequestQueue queue(config);
    Pages order;
    for (const std::uint64_t page : Pages{500, 300, 100}) {
      ASSERT_TRUE(queue.get_request(write_page(page), {TaskId{1}}, Jiffies{0}));
      queue.add(write_page(page), {TaskId{1}}, Jiffies{0});
    }
    queue.unplug();
    while (const IoRequest* request = queue.dispatch(Jiffies{0})) {
      order.push_back(request->begin * 512 / kPageBytes);
      queue.complete(*request, Jiffies{0});
    }
    EXPECT_EQ(order, expected);
  }
}

}  // namespace
}  // namespace numasim
