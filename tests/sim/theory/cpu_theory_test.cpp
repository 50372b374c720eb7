// CPUs against closed forms: shares by weight, by core and by clock. Each line printed has the
// expected number, the measured one and the deviation.

#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/crew.hpp"
#include "tests/sim/theory/closed_form.hpp"

namespace numasim {
namespace {

double ms(SimTime date) { return static_cast<double>(to_ns(date)) / 1e6; }

/// Adds a task that works for `work` in pieces of 100 us and notes when it has done so.
void add_worker(Crew& crew, const std::string& name, int cpu, SimDuration work, SimTime& done) {
  crew.add(name, cpu, [&crew, &done, work](Task& task) {
    for (SimDuration left = work; left > 0ns; left -= 100us) crew.spend(task, 100us);
    done = crew.machine.now();
  });
}

// While both run, a task of nice 0 (weight 1024) has 1024/(1024 + 335) of the CPU, one of nice 5
// (weight 335) the rest.
TEST(CpuTheory, TasksShareTheirCpuByTheWeightsOfTheirNiceLevels) {
  Crew crew(plain_machine(1, 1));
  SimTime first, second;
  crew.add("high", 0, [&](Task& task) { crew.spend(task, 10s); first = crew.machine.now(); });
  crew.add("low", 0, [&](Task& task) { crew.spend(task, 10s); second = crew.machine.now(); })
      .nice = 5;

  crew.machine.run();

  // To within a slice of 20 ms.
  expect_closed_form("nice 0 beside nice 5 ends after 10 s of work", 10'000.0 * (1024 + 335) / 1024,
                     ms(first), "ms", 0.002);
  expect_closed_form("nice 5 ends when all work is done", 20'000, ms(second), "ms");
}

TEST(CpuTheory, SiblingsThatAreBothBusyRunAtTheirShareOfTheCore) {
  MachineConfig config = plain_machine(1, 4);
  config.threads_per_core = 2;
  config.smt_share_percent = 60;
  Crew crew(config);
  SimTime first, second, alone;
  add_worker(crew, "a", 0, 60ms, first);
  add_worker(crew, "b", 1, 90ms, second);
  add_worker(crew, "c", 2, 60ms, alone);

  crew.machine.run();

  expect_closed_form("60 ms of work at 0.6 of the core", 100, ms(first), "ms");
  expect_closed_form("60 ms of it at 0.6, the other 30 alone", 130, ms(second), "ms");
  expect_closed_form("60 ms of work on a core of its own", 60, ms(alone), "ms");
}

TEST(CpuTheory, ACpuWorksAtTheClockOfItsNode) {
  MachineConfig config = plain_machine(2, 1);
  config.nodes[1].cpu_hz = 800'000'000;
  Crew crew(config);
  SimTime fast, slow;
  add_worker(crew, "fast", 0, 100ms, fast);
  add_worker(crew, "slow", 1, 100ms, slow);

  crew.machine.run();

  expect_closed_form("100 M cycles at 1 GHz", 100, ms(fast), "ms");
  expect_closed_form("100 M cycles at 0.8 GHz", 125, ms(slow), "ms");
}

TEST(CpuTheory, AStepOfSpeedChangesWhatIsLeftOfTheWork) {
  MachineConfig config = plain_machine(1, 2);
  config.cpu_speeds = {{.at = 40ms, .percent = 50, .cpus = {0}},
                       {.at = 80ms, .percent = 200, .cpus = {0}}};
  Crew crew(config);
  SimTime stepped, steady;
  crew.add("stepped", 0, [&](Task& task) {
    crew.spend(task, 100ms);  // in one piece: the steps come in its midst
    stepped = crew.machine.now();
  });
  add_worker(crew, "steady", 1, 100ms, steady);

  crew.machine.run();

  expect_closed_form("40 ms at 1, 40 ms at 1/2, the rest at 2", 40 + 40 + 20, ms(stepped), "ms");
  expect_closed_form("100 ms on the CPU beside", 100, ms(steady), "ms");
}

TEST(CpuTheory, InterruptsDelayWorkOnACpuOfChangingSpeedByTheirOwnTime) {
  MachineConfig config = plain_machine(1, 2);
  config.threads_per_core = 2;
  config.smt_share_percent = 50;
  config.disks[0].completion = 2ms;
  Crew crew(config);
  SimTime first, second;
  add_worker(crew, "a", 0, 50ms, first);
  crew.add("b", 1, [&](Task& task) {
    crew.machine.submit(task, {IoDirection::read, DeviceId{0}, 0, Bytes{kPageBytes}, true});
    crew.spend(task, 20ms);
    second = crew.machine.now();
  });

  crew.machine.run();

  // b: 20 ms at 1/2. a: 38 of these 40 ms at 1/2, 2 go to the interrupt; then 31 ms alone.
  expect_closed_form("20 ms of work at half speed", 40, ms(second), "ms");
  expect_closed_form("50 ms of work, 19 of them beside b", 40 + 31, ms(first), "ms");
}

TEST(CpuTheory, TimeOnTheMemoryBusesIsNotStretched) {
  MachineConfig config = plain_machine(1, 2);
  config.threads_per_core = 2;
  config.smt_share_percent = 50;
  config.memory_bus.local_latency = 1us;
  config.memory_bus.flow_chunk = PageCount{256};
  Crew crew(config);
  SimTime touched, worked;
  crew.add("touches", 0, [&](Task& task) {
    for (int i = 0; i < 1000; ++i) crew.machine.touch(task, NodeId{0}, Bytes{20}, Traffic::touch);
    touched = crew.machine.now();
  });
  add_worker(crew, "works", 1, 10ms, worked);

  crew.machine.run();

  expect_closed_form("1000 accesses of 1001 ns", 1.001, ms(touched), "ms");
  expect_closed_form("10 ms of work, 1 ms of it beside them", 10 + 1.001 / 2, ms(worked), "ms");
}

}  // namespace
}  // namespace numasim
