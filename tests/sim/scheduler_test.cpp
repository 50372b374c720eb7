// Several tasks on one CPU.

#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

TEST(Scheduler, TwoBusyTasksShareTheirCpuHalfAndHalf) {
  Crew crew(plain_machine(1, 1));
  for (const char* name : {"a", "b"}) {
    crew.add(name, 0, [&](Task& task) { crew.spend(task, 100ms); });
  }

  EXPECT_EQ(crew.machine.run().date, at(200ms));
  for (const TaskId id : {TaskId{1}, TaskId{2}}) {
    const TaskTimes times = crew.machine.times(id);
    EXPECT_EQ(times.running, 100ms);
    EXPECT_NEAR(static_cast<double>(to_ns(times.runnable)), 100e6, 11e6);  // a slice is 10 ms
    EXPECT_EQ(times.total(), *times.end - times.begin);
  }
}

TEST(Scheduler, ADaemonThatWakesGetsTheCpuFromABusyTaskAtOnce) {
  Crew crew(plain_machine(1, 2));
  WaitQueue work("work");
  crew.add(
      "kswapd", 0,
      [&](Task& task) {
        for (;;) {
          crew.machine.wait(task, work);
          crew.spend(task, 1ms);
          crew.note(task, "done");
        }
      },
      Daemon::yes);
  crew.add("busy", 0, [&](Task& task) { crew.spend(task, 100ms); });
  crew.machine.at(at(50ms), [&] { crew.machine.wake_one(work); });

  const RunEnd end = crew.machine.run();

  EXPECT_EQ(crew.log, std::vector<std::string>{"51000000 kswapd done"});
  EXPECT_EQ(end.date, at(101ms));
}

TEST(Scheduler, ASleeperLeavesItsCpuToTheOthers) {
  Crew crew(plain_machine(1, 1));
  crew.add("sleeper", 0, [&](Task& task) { crew.machine.sleep(task, Jiffies{2}); });
  crew.add("busy", 0, [&](Task& task) { crew.spend(task, 8ms); });

  EXPECT_EQ(crew.machine.run().date, at(8ms));
  EXPECT_EQ(crew.machine.times(TaskId{1}).sleeping, 8ms);
}

TEST(Scheduler, EachNanosecondOfATaskIsBookedOnce) {
  Crew crew(plain_machine(1, 1));
  WaitQueue queue("q");
  for (int i = 0; i < 5; ++i) {
    crew.add("t" + std::to_string(i), 0, [&](Task& task) {
      for (int round = 0; round < 20; ++round) {
        crew.spend(task, 3ms);
        crew.machine.touch(task, NodeId{0}, Bytes{100'000}, Traffic::zero);
        if (round % 5 == 0) crew.machine.wait(task, queue, Jiffies{1});
        if (round % 7 == 0) crew.machine.sleep(task, Jiffies{1});
        crew.machine.wake_one(queue);
      }
    });
  }

  crew.machine.run();

  SimDuration on_cpu{0};
  for (std::uint32_t id = 1; id <= 5; ++id) {
    const TaskTimes times = crew.machine.times(TaskId{id});
    EXPECT_EQ(times.total(), *times.end - times.begin);
    EXPECT_EQ(times.running, 60ms);
    on_cpu += times.running + times.memory;
  }
  EXPECT_LE(on_cpu, crew.machine.now() - SimTime{});
}

TEST(Scheduler, CpusThatShareOneClockSlowEachOtherDown) {
  Crew crew(plain_machine(1, 2));
  crew.machine.share_one_clock();
  const auto begin_at = [&](SimDuration start) {
    return [&crew, start](Task& task) {
      crew.machine.sleep_until(task, at(start));
      for (int piece = 0; piece < 10; ++piece) crew.spend(task, 1ms);
      crew.note(task, "done");
    };
  };
  crew.add("a", 0, begin_at(1ms));
  crew.add("b", 1, begin_at(4ms));

  crew.machine.run();

  // a works alone for 3 ms, then 7 ms of work at half speed; b has 3 ms left for itself.
  EXPECT_EQ(crew.log, (std::vector<std::string>{"18000000 a done", "21000000 b done"}));
}

}  // namespace
}  // namespace numasim
