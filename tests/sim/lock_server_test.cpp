// Spinlocks: who has one when, what a hand-over costs, where the waiting is booked.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;

struct Locking : Crew {
  using Crew::Crew;
  /// Works for `before`, then holds the lock for `hold`.
  void pass(Task& task, SimDuration before, SimDuration hold) {
    task.meter.add(Cycles{to_ns(before)});
    task.meter.add_under(lock, Cycles{to_ns(hold)});
    machine.spend(task);
  }
  void add_passer(const std::string& name, int cpu, SimDuration before, SimDuration hold) {
    add(name, cpu, [=, this](Task& task) {
      pass(task, before, hold);
      note(task, "is out");
    });
  }
  SpinLock lock{"lock"};
};

TEST(ASpinLock, IsHandedOnInTheOrderOfArrival) {
  Locking crew(plain_machine(1, 3));
  crew.add_passer("first", 0, 1ns, 100ns);
  crew.add_passer("third", 1, 10ns, 100ns);
  crew.add_passer("second", 2, 5ns, 100ns);
  crew.machine.run();
  EXPECT_THAT(crew.log, ElementsAre("101 first is out", "201 second is out", "301 third is out"));
}

TEST(ASpinLock, ThatIsFreeCostsNoMoreThanItsWork) {
  Locking crew(plain_machine(1, 1));
  crew.add_passer("alone", 0, 10ns, 100ns);
  crew.machine.run();
  EXPECT_THAT(crew.log, ElementsAre("110 alone is out"));
  EXPECT_EQ(crew.lock.totals.contended, 0);
}

TEST(ASpinLock, BringsItsCacheLineFromTheNodeOfWhoHeldItLast) {
  MachineConfig config = plain_machine(2, 2);
  config.memory_bus.local_latency = 60ns;
  config.memory_bus.hop_latency = 40ns;
  Locking crew(config);
  crew.add_passer("a", 0, 0ns, 100ns);         // nobody had it
  crew.add_passer("neighbour", 1, 1us, 100ns); // of the same node
  crew.add_passer("remote", 2, 2us, 100ns);
  crew.add("again", 3, [&](Task& task) {
    crew.pass(task, 3us, 100ns);
    crew.pass(task, 0ns, 100ns);  // has it already
    crew.note(task, "is out");
  });
  crew.machine.run();
  EXPECT_THAT(crew.log, ElementsAre("100 a is out", "1160 neighbour is out", "2200 remote is out",
                                    "3260 again is out"));
}

TEST(ASpinLock, KeepsTheCpuOfWhoWaitsForIt) {
  Locking crew(plain_machine(1, 2));
  crew.add_passer("holder", 0, 0ns, 50ms);
  crew.add_passer("waiter", 1, 1ns, 1ms);
  crew.add("beside", 1, [&](Task& task) {
    crew.spend(task, 1ms);
    crew.note(task, "has worked");
  });
  crew.machine.run();
  EXPECT_THAT(crew.log, ElementsAre("50000000 holder is out", "51000000 waiter is out",
                                    "52000000 beside has worked"));
}

TEST(ASpinLock, BooksWaitsWithTheLockAndWithTheTask) {
  Locking crew(plain_machine(1, 3));
  crew.add_passer("first", 0, 1ns, 100ns);
  crew.add_passer("second", 1, 2ns, 100ns);
  const Task& third = crew.add("third", 2, [&](Task& task) { crew.pass(task, 3ns, 100ns); });
  crew.machine.run();
  EXPECT_EQ(crew.lock.totals.taken, 3);
  EXPECT_EQ(crew.lock.totals.contended, 2);
  EXPECT_EQ(crew.lock.totals.held, 300ns);
  EXPECT_EQ(crew.lock.totals.waited, 99ns + 198ns);
  EXPECT_EQ(crew.lock.totals.longest_wait, 198ns);
  const TaskTimes times = crew.machine.times(third.id);
  EXPECT_EQ(times.spinning, 198ns);
  EXPECT_EQ(times.running, 103ns);
  ASSERT_EQ(times.spins.size(), 1u);
  EXPECT_EQ(times.spins[0].queue, "lock");
  EXPECT_EQ(times.spins[0].total, 198ns);
}

TEST(WorkUnderALock, ComesInTheOrderOfTheMeterAndInOneHoldIfNothingIsBetween) {
  Locking crew(plain_machine(1, 1));
  SpinLock other{"other"};
  crew.add("a", 0, [&](Task& task) {
    task.meter.add(Cycles{5});
    task.meter.add_under(crew.lock, Cycles{10});
    task.meter.add_under(crew.lock, Cycles{20});
    task.meter.add_under(other, Cycles{30});
    task.meter.add(Cycles{7});
    EXPECT_EQ(task.meter.due(), Cycles{72});
    crew.machine.spend(task);
    crew.note(task, "done");
  });
  crew.machine.run();
  EXPECT_THAT(crew.log, ElementsAre("72 a done"));
  EXPECT_EQ(crew.lock.totals.taken, 1);
  EXPECT_EQ(crew.lock.free_at, at(35ns));
  EXPECT_EQ(other.free_at, at(65ns));
}

}  // namespace
}  // namespace numasim
