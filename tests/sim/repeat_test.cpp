// The same program gives the same run. Each run needs a process of its own.

#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"
#include "tests/support/in_child.hpp"

namespace numasim {
namespace {

/// Everything at once: CPUs shared and alone, buses, a full device, sleeps, wakes and a time-out.
std::string busy_run() {
  MachineConfig config = plain_machine(2, 2);
  config.memory_bus.flow_chunk = PageCount{16};
  config.disks[0].nr_requests = 8;
  Crew crew(config);
  WaitQueue queue("q");
  for (int i = 0; i < 7; ++i) {
    crew.add("t" + std::to_string(i), i % 4, [&crew, &queue, i](Task& task) {
      for (int round = 0; round < 40; ++round) {
        crew.spend(task, SimDuration{100 + 37 * i});
        crew.machine.touch(task, NodeId{static_cast<std::uint16_t>(round % 2)},
                           to_bytes(PageCount{1 + round % 20}), Traffic::touch);
        const auto page = static_cast<std::uint64_t>(1000 * i + 3 * round);
        crew.machine.submit(task, {IoDirection::write, DeviceId{0}, page * 8, Bytes{kPageBytes}});
        if (round % 8 == i) crew.machine.wait(task, queue, Jiffies{2});
        if (round % 3 == 0) crew.machine.wake_one(queue);
        crew.note(task, std::to_string(round));
      }
    });
  }
  const RunEnd end = crew.machine.run();
  std::string text = std::to_string(to_ns(end.date)) + '\n';
  for (const std::string& line : crew.log) text += line + '\n';
  return text;
}

TEST(Repeat, TheSameProgramTwiceGivesTheSameLog) {
  const auto first = in_child(busy_run);
  const auto second = in_child(busy_run);
  ASSERT_TRUE(first);
  EXPECT_GT(first->size(), 7u * 40u * 5u);
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace numasim
