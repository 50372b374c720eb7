#include "workloads/kernel2624/refresh_finder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace numasim::kernel2624 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr CpuId kCpu0{0}, kCpu1{1};

/// Two zones of 64 MiB, `cpus` CPUs; counters begin at 10000.
MachineState two_zones(unsigned cpus) {
  MachineState state;
  for (std::uint16_t node : {0, 1}) {
    ZoneState zone{.node = NodeId{node}, .present = PageCount{16384}, .free = PageCount{10000}};
    for (std::uint16_t cpu = 0; cpu < cpus; ++cpu) zone.pagesets.push_back({.cpu = CpuId{cpu}});
    state.zones.push_back(zone);
  }
  return state;
}

CounterStep refill(std::uint64_t index, std::size_t zone, CpuId cpu, std::int64_t pages,
                   std::int64_t value_after) {
  return {.index = index,
          .zone = zone,
          .cpu = cpu,
          .change = -1,
          .times = pages,
          .value_after = value_after};
}

TEST(CounterThreshold, GrowsWithCpusAndMemory) {
  EXPECT_EQ(counter_threshold(1, PageCount{2645}), 2);
  EXPECT_EQ(counter_threshold(2, PageCount{2645}), 4);
  EXPECT_EQ(counter_threshold(2, PageCount{60600}), 8);
  EXPECT_EQ(counter_threshold(4, PageCount{32768}), 12);
  EXPECT_EQ(counter_threshold(1024, PageCount{1 << 26}), 125);
}

TEST(Counters, FoldWhatExceedsTheThreshold) {
  Counters counters(two_zones(2), 2);
  counters.add(0, kCpu0, -1, 4);
  EXPECT_EQ(counters.value(0), 10000);
  EXPECT_EQ(counters.pending(0, kCpu0), -4);
  counters.add(0, kCpu0, -1, 3);
  EXPECT_EQ(counters.value(0), 9995);
  EXPECT_EQ(counters.pending(0, kCpu0), -2);
  counters.refresh(kCpu0);
  EXPECT_EQ(counters.value(0), 9993);
}

TEST(RefreshFinder, FindsNothingWhereTheStepsExplainTheValues) {
  RefreshFinder finder(Counters(two_zones(2), 2));
  finder.step(refill(1, 0, kCpu0, 7, 9995));
  finder.step(refill(2, 0, kCpu0, 3, 9990));
  EXPECT_THAT(finder.refreshes(), IsEmpty());
  EXPECT_EQ(finder.values_seen(), 2u);
}

TEST(RefreshFinder, PlacesARefreshBetweenTwoValues) {
  RefreshFinder finder(Counters(two_zones(2), 2));
  finder.step(refill(1, 0, kCpu0, 7, 9995));  // 2 pending
  finder.step(refill(2, 0, kCpu0, 1, 9993));  // the 2 folded before
  EXPECT_THAT(finder.refreshes(), ElementsAre(Refresh{2, kCpu0}));
}

TEST(RefreshFinder, BlamesTheCpuThatHeldThePages) {
  RefreshFinder finder(Counters(two_zones(2), 2));
  finder.step(refill(1, 0, kCpu0, 2, 10000));
  finder.step(refill(2, 0, kCpu1, 3, 10000));
  finder.step(refill(3, 0, kCpu0, 0, 9997));
  EXPECT_THAT(finder.refreshes(), ElementsAre(Refresh{3, kCpu1}));
}

TEST(RefreshFinder, OneRefreshExplainsAllZones) {
  RefreshFinder finder(Counters(two_zones(2), 2));
  finder.step(refill(1, 0, kCpu0, 2, 10000));
  finder.step(refill(2, 1, kCpu0, 3, 10000));
  finder.step(refill(3, 0, kCpu0, 1, 9998));
  finder.step(refill(4, 1, kCpu0, 1, 9997));
  EXPECT_THAT(finder.refreshes(), ElementsAre(Refresh{3, kCpu0}));
}

TEST(RefreshFinder, KeepsValuesOfOtherZonesTrue) {
  RefreshFinder finder(Counters(two_zones(2), 2));
  finder.step(refill(1, 1, kCpu0, 3, 10000));
  finder.step(refill(2, 0, kCpu0, 2, 10000));
  finder.step(refill(3, 1, kCpu0, 1, 10000));  // not refreshed yet
  finder.step(refill(4, 0, kCpu0, 0, 9998));
  EXPECT_THAT(finder.refreshes(), ElementsAre(Refresh{4, kCpu0}));
}

TEST(RefreshFinder, CorrectsTheSplitOfTheStart) {
  MachineState state = two_zones(2);
  state.zones[0].pagesets[0].pending_free = PageCount{-3};
  RefreshFinder finder(Counters(state, 2));
  finder.step(refill(1, 0, kCpu1, 2, 9995));  // CPU 1 held the 3 back
  EXPECT_THAT(finder.refreshes(), IsEmpty());
  EXPECT_EQ(finder.start().pending(0, kCpu1), -3);
  EXPECT_EQ(finder.start().pending(0, kCpu0), 0);
}

TEST(RefreshFinder, FindsOutLateWhoHeldPagesBackAtTheStart) {
  MachineState state = two_zones(2);
  state.zones[0].pagesets[0].pending_free = PageCount{-3};
  RefreshFinder finder(Counters(state, 2));
  for (std::uint64_t index = 1; index <= 20'000; ++index) {
    finder.step({.index = index, .zone = 1, .cpu = kCpu0, .change = 1, .times = 1});
  }
  finder.step(refill(20'001, 0, kCpu1, 2, 9995));
  EXPECT_EQ(finder.values_unexplained(), 0u);
  EXPECT_EQ(finder.start().pending(0, kCpu1), -3);
}

TEST(RefreshFinder, TakesAValueThatNothingExplainsAsGiven) {
  RefreshFinder finder(Counters(two_zones(2), 2));
  finder.step(refill(1, 0, kCpu0, 1, 9900));
  finder.step(refill(2, 0, kCpu0, 1, 9900));
  EXPECT_THAT(finder.refreshes(), IsEmpty());
  EXPECT_EQ(finder.values_unexplained(), 1u);
}

TEST(RefreshFinder, ExplainsARandomHistory) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 draw(seed);
    Counters truth(two_zones(2), 2);
    RefreshFinder finder(truth);
    std::uint64_t refreshes = 0;
    for (std::uint64_t index = 1; index <= 40'000; ++index) {
      if (draw() % 2000 == 0) {
        truth.refresh(CpuId{static_cast<std::uint16_t>(draw() % 2)});
        ++refreshes;
      }
      CounterStep step{.index = index,
                       .zone = draw() % 2,
                       .cpu = CpuId{static_cast<std::uint16_t>(draw() % 2)},
                       .change = draw() % 2 == 0 ? 1 : -1,
                       .times = 1 + static_cast<int>(draw() % 15)};
      truth.add(step.zone, step.cpu, step.change, step.times);
      if (draw() % 2 == 0) step.value_after = truth.value(step.zone);
      finder.step(step);
    }
    EXPECT_EQ(finder.values_unexplained(), 0u);
    const auto found = finder.refreshes();
    EXPECT_LE(found.size(), refreshes + 2);
    EXPECT_GE(found.size() + 6, refreshes);  // one of a CPU that held nothing back leaves no trace
  }
}

}  // namespace
}  // namespace numasim::kernel2624
