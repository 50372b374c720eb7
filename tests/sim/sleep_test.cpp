// Sleeping, waking, killing; and how a run ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;
using Wakeup = Machine::Wakeup;

TEST(Sleep, EndsOnTheTickCountedFromTheCall) {
  Crew crew(plain_machine(1, 1), 250);
  crew.add("a", 0, [&](Task& task) {
    crew.spend(task, 1ms);
    crew.machine.sleep(task, Jiffies{1});
    crew.note(task, "up");
    crew.machine.sleep(task, Jiffies{2});
    crew.note(task, "up");
  });

  crew.machine.run();

  EXPECT_THAT(crew.log, ElementsAre("4000000 a up", "12000000 a up"));
}

TEST(Sleep, WaitTimesOutOnATickWhenNobodyWakes) {
  Crew crew(plain_machine(1, 1));
  WaitQueue queue("q");
  crew.add("a", 0, [&](Task& task) {
    crew.spend(task, 3ms);
    EXPECT_EQ(crew.machine.wait(task, queue, Jiffies{5}), Wakeup::timed_out);
    EXPECT_TRUE(queue.empty());
  });

  EXPECT_EQ(crew.machine.run().date, at(20ms));
}

TEST(Sleep, WaitEndsAtTheWakeUp) {
  Crew crew(plain_machine(1, 2));
  WaitQueue queue("q");
  crew.add("a", 0, [&](Task& task) {
    EXPECT_EQ(crew.machine.wait(task, queue, Jiffies{5}), Wakeup::woken);
    crew.note(task, "woken");
  });
  crew.add("b", 1, [&](Task& task) {
    crew.spend(task, 1234ns);
    crew.machine.wake_one(queue);
  });

  crew.machine.run();

  EXPECT_THAT(crew.log, ElementsAre("1234 a woken"));
}

TEST(Sleep, AWakeUpWhileTheSleeperStillPaysForItsWorkIsNotLost) {
  Crew crew(plain_machine(1, 2));
  WaitQueue queue("q");
  crew.add("a", 0, [&](Task& task) {
    task.meter.add(Cycles{100});
    crew.machine.wait(task, queue);
    crew.note(task, "woken");
  });
  crew.add("b", 1, [&](Task& task) {
    crew.spend(task, 50ns);
    crew.machine.wake_all(queue);
  });

  crew.machine.run();

  EXPECT_THAT(crew.log, ElementsAre("100 a woken"));
}

TEST(Sleep, AKillEndsASleepUntilADateButNoWait) {
  Crew crew(plain_machine(1, 3));
  WaitQueue queue("q");
  Task& sleeper = crew.add("sleeper", 0, [&](Task& task) {
    crew.machine.sleep_until(task, at(1h));
    crew.note(task, task.killed ? "killed" : "slept");
  });
  Task& waiter = crew.add("waiter", 1, [&](Task& task) {
    crew.machine.wait(task, queue, Jiffies{1});
    crew.note(task, task.killed ? "killed" : "waited");
  });
  crew.add("killer", 2, [&](Task& task) {
    crew.spend(task, 1us);
    crew.machine.kill(sleeper.id);
    crew.machine.kill(waiter.id);
  });

  crew.machine.run();

  EXPECT_THAT(crew.log, ElementsAre("1000 sleeper killed", "4000000 waiter killed"));
}

TEST(RunEnd, ComesWithTheLastTaskAndDropsTheDaemons) {
  Crew crew(plain_machine(1, 2));
  bool unwound = false;
  struct OnExit {
    bool& flag;
    ~OnExit() { flag = true; }
  };
  WaitQueue work("work");
  crew.add(
      "daemon", 0,
      [&](Task& task) {
        const OnExit mark{unwound};
        const std::vector<int> owned(1000);
        for (;;) crew.machine.wait(task, work, Jiffies{1});
      },
      Daemon::yes);
  crew.add("a", 1, [&](Task& task) { crew.spend(task, 10ms); });

  const RunEnd end = crew.machine.run();

  EXPECT_EQ(end.why, RunEnd::Why::finished);
  EXPECT_EQ(end.date, at(10ms));
  EXPECT_TRUE(unwound);
}

TEST(RunEnd, ComesAtTheTimeLimit) {
  Crew crew(plain_machine(1, 2));
  crew.add("busy", 0, [&](Task& task) {
    for (;;) crew.spend(task, 100ns);
  });
  crew.add("asleep", 1, [&](Task& task) { crew.machine.sleep_until(task, at(1h)); });

  const RunEnd end = crew.machine.run(at(5ms));

  EXPECT_EQ(end.why, RunEnd::Why::time_limit);
  EXPECT_EQ(end.date, at(5ms));
}

TEST(RunEnd, ComesSoonAfterAnInterrupt) {
  Crew crew(plain_machine(1, 1));
  crew.add("busy", 0, [&](Task& task) {
    for (int i = 0;; ++i) {
      crew.spend(task, 100ns);
      if (i == 1000) crew.machine.interrupt();
    }
  });

  const RunEnd end = crew.machine.run();

  EXPECT_EQ(end.why, RunEnd::Why::interrupted);
  EXPECT_LE(end.date, at(2ms));
}

TEST(RunEnd, RethrowsWhatATaskThrew) {
  Crew crew(plain_machine(1, 2));
  crew.add("thrower", 0, [&](Task& task) {
    crew.spend(task, 1us);
    throw std::runtime_error("no such page");
  });
  crew.add("other", 1, [&](Task& task) { crew.machine.sleep(task, Jiffies{100}); });

  EXPECT_THROW(crew.machine.run(), std::runtime_error);
}

TEST(RunEnd, RethrowsWhatACallbackThrew) {
  Crew crew(plain_machine(1, 1));
  crew.add("a", 0, [&](Task& task) { crew.machine.sleep(task, Jiffies{100}); });
  crew.machine.every(1ms, [] { throw std::runtime_error("disk full"); });

  EXPECT_THROW(crew.machine.run(), std::runtime_error);
  EXPECT_EQ(crew.machine.now(), at(1ms));
}

TEST(RunEnd, DeadlockTellsWhoWaitsForWhatSinceWhen) {
  Crew crew(plain_machine(1, 2));
  WaitQueue left("left fork"), right("right fork");
  crew.add("plato", 0, [&](Task& task) { crew.machine.wait(task, left); });
  crew.add("kant", 1, [&](Task& task) {
    crew.spend(task, 7us);
    crew.machine.wait(task, right);
  });
  crew.machine.every(1ms, [] {});  // sampling does not keep a dead run alive

  const RunEnd end = crew.machine.run();

  ASSERT_EQ(end.why, RunEnd::Why::deadlock);
  EXPECT_EQ(end.deadlock->text(),
            "deadlock at 7000 ns: every task is blocked and nothing will wake one\n"
            "  task plato (id 1, cpu 0) waits for left fork since 0 ns\n"
            "  task kant (id 2, cpu 1) waits for right fork since 7000 ns\n");
}

TEST(RunEnd, DeadlockIsSeenBesideADaemonThatTurnsForEver) {
  Crew crew(plain_machine(1, 2));
  WaitQueue never("never");
  crew.add("stuck", 0, [&](Task& task) { crew.machine.wait(task, never); });
  crew.add(
      "pdflush", 1,
      [&](Task& task) {
        for (;;) crew.machine.sleep(task, Jiffies{1250});
      },
      Daemon::yes);

  const RunEnd end = crew.machine.run();

  ASSERT_EQ(end.why, RunEnd::Why::deadlock);
  EXPECT_EQ(end.deadlock->sleepers.size(), 2u);
}

}  // namespace
}  // namespace numasim
