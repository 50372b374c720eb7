// Pitfall 39, the kernel's side of it: congestion_wait.

#include <gtest/gtest.h>

#include <algorithm>

#include "allocator/congestion.hpp"
#include "tests/support/fake_machine.hpp"

namespace numasim {
namespace {

constexpr Jiffies kTimeout{25};

/// A machine on which nothing is congested.
struct Waiting {
  SimDuration wait() {
    const SimTime before = machine.now();
    congestion.wait(task, IoDirection::write, kTimeout);
    return machine.now() - before;
  }
  FakeMachine machine;
  Steps steps;
  Congestion congestion{machine, steps};
  Task task;
};

TEST(Pitfall, P39_CongestionWaitDoesNotLookAtCongestion) {
  Waiting w;
  const SimDuration idle = w.wait();
  w.machine.congest(DeviceId{0}, IoDirection::write);
  EXPECT_EQ(idle, w.wait());
  EXPECT_GT(idle, SimDuration{0}) << "it sleeps though nothing is congested";
}

TEST(Pitfall, P39_WhatHappensBeforeTheSleepIsLost) {
  Waiting w;
  const SimDuration whole = w.wait();
  w.congestion.cleared(IoDirection::write);
  EXPECT_EQ(w.wait(), whole);
}

TEST(Pitfall, P39_AllSleepersOfADirectionWakeTogether) {
  Waiting w;
  Task other;
  int asleep = 0;
  std::vector<bool> woken;
  w.machine.on_wait([&](Task&, WaitQueue& queue, auto) {
    if (++asleep == 1) {
      w.congestion.wait(other, IoDirection::write, kTimeout);  // stands in the same queue
      return;
    }
    ASSERT_EQ(queue.waiters().size(), 2u);
    w.congestion.cleared(IoDirection::read);
    for (const auto& waiter : queue.waiters()) EXPECT_FALSE(waiter.woken);
    w.congestion.cleared(IoDirection::write);
    EXPECT_TRUE(queue.empty()) << "nobody is left behind";
  });
  w.wait();
  EXPECT_EQ(asleep, 2);
}

}  // namespace
}  // namespace numasim
