// Bandwidth of the memory buses, in closed form.

#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

/// A task on `cpu` that touches `length` on `node` and notes how long it took.
void add_toucher(Crew& crew, int cpu, int node, Bytes length, SimDuration& took) {
  crew.add("t" + std::to_string(cpu), cpu, [&crew, &took, node, length](Task& task) {
    const SimTime begin = crew.machine.now();
    crew.machine.touch(task, NodeId{static_cast<std::uint16_t>(node)}, length, Traffic::zero);
    took = crew.machine.now() - begin;
  });
}

TEST(MemoryBus, TwoCpusOnOneControllerTakeTwiceAsLong) {
  Crew crew(plain_machine(1, 2));
  SimDuration first{}, second{};
  add_toucher(crew, 0, 0, Bytes{4096}, first);
  add_toucher(crew, 1, 0, Bytes{4096}, second);

  crew.machine.run();

  EXPECT_EQ(first, 410ns);  // 2 * 4096 B / 20 GB/s = 409.6 ns
  EXPECT_EQ(second, 410ns);
}

// Two local flows and one through a 6 GB/s link share a 20 GB/s controller: 7, 6 and 7 GB/s.
TEST(MemoryBus, ALimitedFlowLeavesItsShareToTheOthers) {
  MachineConfig config = plain_machine(2, 2);
  config.memory_bus.flow_chunk = PageCount{1'000'000};  // a touch is one flow
  Crew crew(config);
  const Bytes chunk = to_bytes(config.memory_bus.flow_chunk);
  SimDuration local{}, other{}, remote{};
  add_toucher(crew, 0, 0, chunk, local);
  add_toucher(crew, 1, 0, chunk, other);
  add_toucher(crew, 2, 0, Bytes{chunk.value * 2}, remote);

  crew.machine.run();

  EXPECT_NEAR(static_cast<double>(chunk.value) / static_cast<double>(to_ns(local)), 7.0, 1e-6);
  EXPECT_NEAR(static_cast<double>(chunk.value) / static_cast<double>(to_ns(other)), 7.0, 1e-6);
  EXPECT_NEAR(static_cast<double>(chunk.value) * 2 / static_cast<double>(to_ns(remote)), 6.0, 1e-6);
}

TEST(MemoryBus, PageByPageZeroingOnTwoCpusTakesTwiceAsLong) {
  MachineConfig config = plain_machine(1, 2);
  config.memory_bus.flow_chunk = PageCount{64};
  constexpr int kPages = 64 * 100;
  Crew crew(config);
  for (int cpu = 0; cpu < 2; ++cpu) {
    crew.add("t" + std::to_string(cpu), cpu, [&](Task& task) {
      for (int page = 0; page < kPages; ++page) {
        crew.machine.touch(task, NodeId{0}, Bytes{kPageBytes}, Traffic::zero);
      }
    });
  }

  const RunEnd end = crew.machine.run();

  const double alone = kPages * static_cast<double>(kPageBytes) / 20;  // ns
  EXPECT_NEAR(static_cast<double>(to_ns(end.date)), 2 * alone, 0.02 * alone);
}

TEST(MemoryBus, PageByPageZeroingOnIdleBusesTakesWhatItIsCharged) {
  MachineConfig config = plain_machine(1, 1);
  config.memory_bus.flow_chunk = PageCount{65};  // whole nanoseconds
  constexpr int kPages = 65 * 100;
  Crew crew(config);
  crew.add("t", 0, [&](Task& task) {
    for (int page = 0; page < kPages; ++page) {
      crew.machine.touch(task, NodeId{0}, Bytes{kPageBytes}, Traffic::zero);
    }
  });

  EXPECT_EQ(crew.machine.run().date, at(SimDuration{kPages * std::int64_t{kPageBytes} / 20}));
}

TEST(MemoryBus, ATouchPaysForTheWorkBeforeIt) {
  MachineConfig config = plain_machine(1, 1);
  config.memory_bus.flow_chunk = PageCount{5};
  Crew crew(config);
  crew.add("t", 0, [&](Task& task) {
    for (const std::uint64_t bytes : {2000, 20'480}) {  // at once, and as flows
      task.meter.add(Cycles{700});
      crew.machine.touch(task, NodeId{0}, Bytes{bytes}, Traffic::zero);
    }
  });

  EXPECT_EQ(crew.machine.run().date, at(2 * 700ns + 100ns + 1024ns));
  EXPECT_EQ(crew.machine.times(TaskId{1}).running, 2 * 700ns);
  EXPECT_EQ(crew.machine.times(TaskId{1}).memory, 1124ns);
}

TEST(MemoryBus, ARemoteTouchPaysItsHopAndItsLink) {
  MachineConfig config = plain_machine(2, 1);
  config.memory_bus.flow_chunk = PageCount{256};
  config.memory_bus.local_latency = 60ns;
  config.memory_bus.hop_latency = 40ns;
  Crew crew(config);
  SimDuration local{}, remote{};
  add_toucher(crew, 0, 0, Bytes{6000}, local);
  add_toucher(crew, 1, 0, Bytes{6000}, remote);

  crew.machine.run();

  EXPECT_EQ(local, 60ns + 300ns);
  EXPECT_EQ(remote, 100ns + 1000ns);
}

}  // namespace
}  // namespace numasim
