// In which order things happen.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;

TEST(Order, OperationsOfTwoCpusInterleaveByDate) {
  Crew crew(plain_machine(1, 2));
  const auto steps = [&](SimDuration step, int times) {
    return [&crew, step, times](Task& task) {
      for (int i = 0; i < times; ++i) {
        crew.spend(task, step);
        crew.note(task, "step");
      }
    };
  };
  crew.add("a", 0, steps(30ns, 3));
  crew.add("b", 1, steps(20ns, 4));

  crew.machine.run();

  EXPECT_THAT(crew.log, ElementsAre("20 b step", "30 a step", "40 b step", "60 a step", "60 b step",
                                    "80 b step", "90 a step"));
}

TEST(Order, SimultaneousStepsComeInTheOrderTheyWereCaused) {
  Crew crew(plain_machine(1, 3));
  for (int cpu = 2; cpu >= 0; --cpu) {
    crew.add("t" + std::to_string(cpu), cpu, [&](Task& task) {
      crew.note(task, "begins");
      crew.spend(task, 10ns);
      crew.note(task, "steps");
    });
  }

  crew.machine.run();

  EXPECT_THAT(crew.log, ElementsAre("0 t2 begins", "0 t1 begins", "0 t0 begins", "10 t2 steps",
                                    "10 t1 steps", "10 t0 steps"));
}

TEST(Order, AThousandSleepersWokenTogetherRunInTheOrderTheyCame) {
  constexpr int kSleepers = 1000;
  Crew crew(plain_machine(1, 1));
  WaitQueue queue("the bell");
  std::vector<int> woken;
  for (int i = 0; i < kSleepers; ++i) {
    crew.add("s" + std::to_string(i), 0, [&, i](Task& task) {
      crew.machine.wait(task, queue);
      woken.push_back(i);
    });
  }
  crew.machine.at(at(1ms), [&] { crew.machine.wake_all(queue); });

  const RunEnd end = crew.machine.run();

  std::vector<int> in_order(kSleepers);
  for (int i = 0; i < kSleepers; ++i) in_order[static_cast<std::size_t>(i)] = i;
  EXPECT_EQ(woken, in_order);
  EXPECT_EQ(end.date, at(1ms));
}

TEST(Order, CyclesBecomeTimeWithoutDrift) {
  MachineConfig config = plain_machine(1, 1);
  config.cpu_hz = 3'000'000'000;
  Crew crew(config);
  crew.add("a", 0, [&](Task& task) {
    for (int i = 0; i < 3000; ++i) {
      task.meter.add(Cycles{1});  // a third of a nanosecond
      crew.machine.spend(task);
    }
  });

  EXPECT_EQ(crew.machine.run().date, at(1us));
}

}  // namespace
}  // namespace numasim
