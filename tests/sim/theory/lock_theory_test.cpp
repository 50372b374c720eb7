// A lock that is never free, against closed forms. Each line printed has the expected number, the
// measured one and the deviation.

#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"
#include "tests/sim/theory/closed_form.hpp"

namespace numasim {
namespace {

constexpr int kTurns = 1000;

/// Nanoseconds in which one CPU of `cpus` passes the lock once.
double time_of_a_turn(int cpus, SimDuration outside, SimDuration hold) {
  Crew crew(plain_machine(1, cpus));
  SpinLock lock{"lock"};
  for (int cpu = 0; cpu < cpus; ++cpu)
    crew.add(std::to_string(cpu), cpu, [&, outside, hold](Task& task) {
      for (int turn = 0; turn < kTurns; ++turn) {
        task.meter.add(Cycles{to_ns(outside)});
        task.meter.add_under(lock, Cycles{to_ns(hold)});
        crew.machine.spend(task);
      }
    });
  const RunEnd end = crew.machine.run();
  return static_cast<double>(to_ns(end.date)) / kTurns;
}

class SaturatedLock : public testing::TestWithParam<int> {};

TEST_P(SaturatedLock, IsPassedOnceInTheTimeItIsHeld) {
  const int cpus = GetParam();
  expect_closed_form("passes of " + std::to_string(cpus) + " CPUs", 1e3 / 100,
                     1e3 * cpus / time_of_a_turn(cpus, 50ns, 100ns), "1/us", 0.001);
}

INSTANTIATE_TEST_SUITE_P(Cpus, SaturatedLock, testing::Values(4, 8, 26, 64));

TEST(LockTheory, ALockThatIsSeldomWantedCostsItsHold) {
  expect_closed_form("a turn of one CPU", 150, time_of_a_turn(1, 50ns, 100ns), "ns", 1e-9);
}

/// Two CPUs whose work outside takes longer than the hold fall into step and never wait again.
TEST(LockTheory, TwoCpusFallIntoStep) {
  expect_closed_form("a turn of two CPUs", 250, time_of_a_turn(2, 150ns, 100ns), "ns", 0.001);
}

}  // namespace
}  // namespace numasim
