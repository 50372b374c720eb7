// Who gets a CPU: priorities, nice levels, and the CPUs a task may use.

#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

CpuId cpu(int id) { return CpuId{static_cast<std::uint16_t>(id)}; }

using Log = std::vector<std::string>;

TEST(Priorities, ARealTimeTaskRunsUntilItSleepsHoweverLong) {
  Crew crew(plain_machine(1, 1));
  crew.add("fair", 0, [&](Task& task) {
    crew.spend(task, 10ms);
    crew.note(task, "done");
  });
  Task& urgent = crew.add("rt", 0, [&](Task& task) {
    crew.machine.sleep_until(task, at(1ms));
    crew.spend(task, 500ms);
    crew.note(task, "done");
  });
  crew.machine.set_rt_priority(urgent.id, 1);

  crew.machine.run();

  EXPECT_EQ(crew.log, (Log{"501000000 rt done", "510000000 fair done"}));
}

TEST(Priorities, TheHigherOfTwoRealTimeTasksGetsTheCpuAndTheOtherStaysInFrontOfItsEquals) {
  Crew crew(plain_machine(1, 1));
  const auto begin_at = [&](SimDuration date, SimDuration work) {
    return [&crew, date, work](Task& task) {
      crew.machine.sleep_until(task, at(date));
      crew.spend(task, work);
      crew.note(task, "done");
    };
  };
  const TaskId first = crew.add("first", 0, begin_at(1ms, 100ms)).id;
  const TaskId second = crew.add("second", 0, begin_at(2ms, 100ms)).id;
  const TaskId higher = crew.add("higher", 0, begin_at(3ms, 10ms)).id;
  crew.machine.set_rt_priority(first, 50);
  crew.machine.set_rt_priority(second, 50);
  crew.machine.set_rt_priority(higher, 51);

  crew.machine.run();

  EXPECT_EQ(crew.log, (Log{"13000000 higher done", "111000000 first done",
                           "211000000 second done"}));
}

TEST(Priorities, AWokenTaskGoesToAnIdleCpuOfItsNodeThatItMayUse) {
  Crew crew(plain_machine(2, 2));
  crew.add("busy", 0, [&](Task& task) {
    crew.machine.sleep_until(task, at(500us));
    crew.spend(task, 100ms);
  });
  Task& roams = crew.add("roams", 0, [&](Task& task) {
    crew.machine.sleep_until(task, at(1ms));
    crew.spend(task, 10ms);
    crew.note(task, "on " + std::to_string(task.cpu.value));
  });
  crew.machine.allow_cpus(roams.id, {cpu(0), cpu(1), cpu(2), cpu(3)});

  crew.machine.run();

  EXPECT_EQ(crew.log, Log{"11000000 roams on 1"});
}

TEST(Priorities, ATaskStaysWhereItIsWhenNoCpuOfItsNodeIsIdle) {
  Crew crew(plain_machine(2, 1), 250, {.balance = false});
  crew.add("busy", 0, [&](Task& task) { crew.spend(task, 15ms); });
  Task& roams = crew.add("roams", 0, [&](Task& task) {
    crew.machine.sleep_until(task, at(14ms));
    crew.spend(task, 1ms);
    crew.note(task, "on " + std::to_string(task.cpu.value));
  });
  crew.machine.allow_cpus(roams.id, {cpu(0), cpu(1)});

  crew.machine.run();

  EXPECT_EQ(crew.log, Log{"15000000 roams on 0"});
}

TEST(Priorities, ARunningTaskLeavesACpuThatIsTakenFromIt) {
  Crew crew(plain_machine(1, 2));
  Task& moved = crew.add("moved", 0, [&](Task& task) {
    crew.spend(task, 10ms);
    crew.note(task, "on " + std::to_string(task.cpu.value));
  });
  crew.add("late", 0, [&](Task& task) {
    crew.spend(task, 10ms);
    crew.note(task, "done");
  });
  crew.machine.at(at(4ms), [&] { crew.machine.allow_cpus(moved.id, {cpu(1)}); });

  crew.machine.run();

  EXPECT_EQ(crew.log, (Log{"10000000 moved on 1", "14000000 late done"}));
}

TEST(Priorities, AQueuedTaskMovesAtOnce) {
  Crew crew(plain_machine(1, 2));
  crew.add("busy", 0, [&](Task& task) { crew.spend(task, 9ms); });
  Task& queued = crew.add("queued", 0, [&](Task& task) {
    crew.spend(task, 3ms);
    crew.note(task, "on " + std::to_string(task.cpu.value));
  });
  crew.machine.at(at(2ms), [&] { crew.machine.allow_cpus(queued.id, {cpu(1)}); });

  EXPECT_EQ(crew.machine.run().date, at(9ms));
  EXPECT_EQ(crew.log, Log{"5000000 queued on 1"});
}

/// A task in the kernel for 60 ms with a point to make way in the middle, then in user mode for 60,
/// and one that wakes at 1 ms, far behind it.
Log turns_with(Preemption preemption) {
  Crew crew(plain_machine(1, 1), 250, {.preemption = preemption});
  crew.add("long", 0, [&](Task& task) {
    crew.spend(task, 30ms);
    crew.note(task, "half");
    crew.machine.cond_resched(task);
    crew.spend(task, 30ms);
    crew.note(task, "back");
    task.meter.add(Cycles{to_ns(60ms)});
    crew.machine.spend_in_user_mode(task);
    crew.note(task, "done");
  });
  crew.add("woken", 0, [&](Task& task) {
    for (const SimDuration date : {1ms, 70ms}) {
      crew.machine.sleep_until(task, at(date));
      crew.spend(task, 1ms);
      crew.note(task, "ran");
    }
  });
  crew.machine.run();
  return crew.log;
}

TEST(Priorities, AKernelWithoutPreemptionMakesWayWhereItReschedulesAndInUserMode) {
  EXPECT_EQ(turns_with(Preemption::none),
            (Log{"30000000 long half", "31000000 woken ran", "61000000 long back",
                 "71000000 woken ran", "122000000 long done"}));
}

TEST(Priorities, APreemptibleKernelMakesWayAnywhere) {
  const Log log = turns_with(Preemption::anywhere);

  EXPECT_LT(log[0], log[1]);
  EXPECT_TRUE(log[0].ends_with("woken ran"));
}

TEST(Priorities, EachNanosecondIsBookedOnceThoughSpeedsChangeAndTasksMove) {
  MachineConfig config = plain_machine(2, 4);
  config.threads_per_core = 2;
  config.cpu_speeds = {{.at = 7ms, .percent = 40, .cpus = {1}},
                       {.at = 31ms, .percent = 130, .cpus = {}}};
  Crew crew(config);
  WaitQueue queue("q");
  for (int i = 0; i < 9; ++i) {
    Task& task = crew.add("t" + std::to_string(i), i % 3, [&, i](Task& self) {
      for (int round = 0; round < 20; ++round) {
        crew.spend(self, 1ms + i * 100us);
        crew.machine.touch(self, NodeId{1}, Bytes{100'000}, Traffic::scan);
        if (round % 5 == 0) crew.machine.wait(self, queue, Jiffies{1});
        if (round % 7 == i % 7) crew.machine.allow_cpus(self.id, {cpu(round % 8)});
        crew.machine.wake_one(queue);
      }
    });
    task.nice = i - 4;
    crew.machine.allow_cpus(task.id, {cpu(0), cpu(1), cpu(2), cpu(3)});
  }

  crew.machine.run();

  for (std::uint32_t id = 1; id <= 9; ++id) {
    const TaskTimes times = crew.machine.times(TaskId{id});
    EXPECT_EQ(times.total(), *times.end - times.begin);
  }
}

}  // namespace
}  // namespace numasim
