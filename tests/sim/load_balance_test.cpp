// Waiting tasks that go to another CPU: when one has nothing to do, and on ticks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// Tasks that work and then tell when they were done and where.
class Balance {
 public:
  Balance(int nodes, int cpus, bool balance = true)
      : crew_(plain_machine(nodes, cpus), 250, {.balance = balance}) {}

  /// On `cpu`, and on `others` too if there are any.
  void work(const std::string& name, int cpu, SimDuration time, std::vector<int> others = {}) {
    Task& task = crew_.add(name, cpu, [this, time](Task& self) {
      crew_.spend(self, time);
      crew_.note(self, "on " + std::to_string(self.cpu.value));
    });
    if (others.empty()) return;
    others.push_back(cpu);
    std::ranges::sort(others);
    std::vector<CpuId> allowed;
    for (const int id : others) allowed.push_back(CpuId{static_cast<std::uint16_t>(id)});
    crew_.machine.allow_cpus(task.id, allowed);
  }
  std::vector<std::string> run() {
    crew_.machine.run();
    return crew_.log;
  }

 private:
  Crew crew_;
};

TEST(LoadBalance, ACpuThatHasNothingLeftTakesOverAWaitingTaskOfItsNode) {
  Balance b(1, 2);
  b.work("short", 1, 5ms);
  b.work("busy", 0, 20ms);
  b.work("roams", 0, 20ms, {1});

  EXPECT_THAT(b.run(), ElementsAre("5000000 short on 1", "20000000 busy on 0",
                                   "25000000 roams on 1"));
}

TEST(LoadBalance, LeavesTasksWhereTheyAreWhenItIsOff) {
  Balance b(1, 2, false);
  b.work("short", 1, 5ms);
  b.work("busy", 0, 20ms);
  b.work("roams", 0, 20ms, {1});

  EXPECT_THAT(b.run(), Contains("40000000 roams on 0"));
}

TEST(LoadBalance, LeavesATaskThatMayNotGoThere) {
  Balance b(1, 3);
  b.work("long", 2, 100ms);
  b.work("short", 1, 5ms);
  b.work("busy", 0, 20ms);
  b.work("roams elsewhere", 0, 20ms, {2});

  EXPECT_THAT(b.run(), Contains("40000000 roams elsewhere on 0"));
}

TEST(LoadBalance, HelpsTheBusiestCpu) {
  Balance b(1, 3);
  b.work("short", 2, 5ms);
  b.work("busy", 0, 40ms);
  b.work("waits", 0, 40ms, {2});
  b.work("busier", 1, 40ms);
  b.work("waits too", 1, 40ms, {2});
  b.work("pinned", 1, 40ms);

  EXPECT_THAT(b.run(), Contains("45000000 waits too on 2"));
}

// CPU 1 looks at all nodes on odd ticks while it is idle, the first of which comes at 4 ms.
TEST(LoadBalance, AnIdleCpuOfAnotherNodeTakesOverOnATick) {
  Balance b(2, 1);
  b.work("busy", 0, 20ms);
  b.work("roams", 0, 20ms, {1});

  EXPECT_THAT(b.run(), ElementsAre("20000000 busy on 0", "24000000 roams on 1"));
}

TEST(LoadBalance, BusyCpusShareOutWhatWaits) {
  Balance b(1, 2);
  for (const char* name : {"a", "b", "c"}) b.work(name, 0, 200ms, {1});
  b.work("d", 1, 200ms);

  std::vector<int> done_on(2);
  for (const std::string& line : b.run()) ++done_on[line.back() == '1'];
  EXPECT_THAT(done_on, ElementsAre(2, 2));
}

TEST(LoadBalance, AnOddTaskDoesNotGoToAndFro) {
  Balance b(1, 2);
  b.work("c", 1, 300ms, {0});
  b.work("a", 0, 100ms, {1});
  b.work("b", 0, 100ms, {1});

  EXPECT_THAT(b.run(), UnorderedElementsAre("190000000 a on 0", "200000000 b on 0",
                                            "300000000 c on 1"));
}

}  // namespace
}  // namespace numasim
