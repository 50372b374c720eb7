// Memory buses against closed forms: shares of a bus, latency over hops, the wait at a busy
// controller. Each line printed has the expected number, the measured one and the deviation.

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "sim/hardware/controller_load.hpp"
#include "tests/sim/crew.hpp"
#include "tests/sim/theory/closed_form.hpp"

namespace numasim {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

NodeId node(int id) { return NodeId{static_cast<std::uint16_t>(id)}; }

/// Bytes per second that a task on each of the CPUs gets while all move bytes at once.
struct Mover {
  int cpu = 0;
  int node = 0;
  std::uint64_t gib = 1;  // chosen so that all end together
  Traffic why = Traffic::zero;
};
std::vector<double> rates_of(MachineConfig config, const std::vector<Mover>& movers) {
  config.memory_bus.flow_chunk = PageCount{kGiB / kPageBytes};
  Crew crew(config);
  std::vector<SimDuration> took(movers.size());
  for (std::size_t i = 0; i < movers.size(); ++i) {
    const Mover& mover = movers[i];
    crew.add("m" + std::to_string(i), mover.cpu, [&crew, &took, mover, i](Task& task) {
      const SimTime begin = crew.machine.now();
      crew.machine.touch(task, node(mover.node), Bytes{mover.gib * kGiB}, mover.why);
      took[i] = crew.machine.now() - begin;
    });
  }
  crew.machine.run();
  std::vector<double> rates;
  for (std::size_t i = 0; i < movers.size(); ++i)
    rates.push_back(static_cast<double>(movers[i].gib * kGiB) /
                    static_cast<double>(to_ns(took[i])));
  return rates;
}

TEST(MemoryTheory, TwoFlowsHaveHalfOfABusEach) {
  const auto rates = rates_of(plain_machine(1, 2), {{.cpu = 0}, {.cpu = 1}});

  expect_closed_form("two flows on a 20 GB/s controller, first", 10, rates[0], "GB/s");
  expect_closed_form("two flows on a 20 GB/s controller, second", 10, rates[1], "GB/s");
}

// Max-min fairness: the remote one is held at its link's 6 GB/s, the rest is halved.
TEST(MemoryTheory, AFlowHeldByItsLinkLeavesTheRestToTheOthers) {
  const auto rates = rates_of(plain_machine(2, 2), {{.cpu = 0, .gib = 7},
                                                    {.cpu = 2, .gib = 6},
                                                    {.cpu = 1, .gib = 7}});
  const double expected[] = {7, 6, 7};
  const char* names[] = {"local", "remote", "local"};

  for (std::size_t i = 0; i < 3; ++i)
    expect_closed_form(std::string("local + remote + local: ") + names[i], expected[i], rates[i],
                       "GB/s");
}

TEST(MemoryTheory, BothDirectionsOfALinkCarryItsWholeRate) {
  const auto rates = rates_of(plain_machine(2, 2), {{.cpu = 0, .node = 1},
                                                    {.cpu = 1, .node = 1, .why = Traffic::scan},
                                                    {.cpu = 2, .node = 0}});

  expect_closed_form("node 0 writes node 1's memory, 6 GB/s link", 6, rates[0], "GB/s");
  expect_closed_form("node 0 reads it, against node 1's writes", 3, rates[1], "GB/s");
  expect_closed_form("node 1 writes node 0's memory beside", 3, rates[2], "GB/s");
}

/// Four nodes in a row, each a hop further from node 0: 60 ns at home, 40 ns a hop.
MachineConfig chain() {
  MachineConfig config = plain_machine(4, 1);
  config.memory_bus.local_latency = 60ns;
  config.memory_bus.hop_latency = 40ns;
  config.memory_bus.flow_chunk = PageCount{256};
  config.links = {{.from = 0, .to = 1}, {.from = 1, .to = 2}, {.from = 2, .to = 3}};
  return config;
}

TEST(MemoryTheory, AnUnloadedAccessPaysForEachHop) {
  Crew crew(chain());
  std::vector<SimDuration> took(4);
  crew.add("reader", 0, [&](Task& task) {
    for (int hops = 0; hops < 4; ++hops) {
      const SimTime begin = crew.machine.now();
      for (int i = 0; i < 1000; ++i)
        crew.machine.touch(task, node(hops), Bytes{60}, Traffic::touch);
      took[static_cast<std::size_t>(hops)] = crew.machine.now() - begin;
    }
  });

  crew.machine.run();

  for (int hops = 0; hops < 4; ++hops) {
    const double moving = 60 / (hops == 0 ? 20.0 : 6.0);  // 20 GB/s controller, 6 GB/s links
    expect_closed_form("latency of a 60-byte read over " + std::to_string(hops) + " hops",
                       60 + 40 * hops + moving,
                       static_cast<double>(to_ns(took[static_cast<std::size_t>(hops)])) / 1000,
                       "ns");
  }
}

class InFlight : public testing::TestWithParam<int> {};

// Little's law: what is in flight, divided by the latency of the way.
TEST_P(InFlight, BoundsTheRateOfACpuByTheLatencyOfTheWay) {
  const int hops = GetParam();
  MachineConfig config = chain();
  config.memory_bus.in_flight = Bytes{240};

  const auto rates = rates_of(config, {{.cpu = 0, .node = hops}});

  expect_closed_form("240 bytes in flight over " + std::to_string(hops) + " hops",
                     240.0 / (60 + 40 * hops), rates[0], "GB/s");
}
INSTANTIATE_TEST_SUITE_P(Hops, InFlight, testing::Range(0, 4));

TEST(MemoryTheory, FlowsOverSeveralHopsShareTheLinkTheyHaveInCommon) {
  const auto rates = rates_of(chain(), {{.cpu = 0, .node = 2}, {.cpu = 1, .node = 3}});

  expect_closed_form("0 -> 1 -> 2, link 1-2 shared", 3, rates[0], "GB/s");
  expect_closed_form("1 -> 2 -> 3, link 1-2 shared", 3, rates[1], "GB/s");
}

/// Four sockets: neighbours at 20, corners at 30.
MachineConfig square(Routes routes) {
  MachineConfig config = plain_machine(4, 1);
  config.distance = {{10, 20, 20, 30}, {20, 10, 30, 20}, {20, 30, 10, 20}, {30, 20, 20, 10}};
  config.memory_bus.routes = routes;
  return config;
}

TEST(MemoryTheory, DistancesThatTellOfHopsAreRoutedThroughNeighbours) {
  const auto rates = rates_of(square(Routes::hops), {{.cpu = 0, .node = 3}, {.cpu = 1, .node = 3}});

  expect_closed_form("0 -> 1 -> 3 beside 1 -> 3", 3, rates[0], "GB/s");
  expect_closed_form("1 -> 3 beside 0 -> 1 -> 3", 3, rates[1], "GB/s");
}

TEST(MemoryTheory, ALinkForEachTwoNodesIsNotShared) {
  const auto rates =
      rates_of(square(Routes::direct), {{.cpu = 0, .node = 3}, {.cpu = 1, .node = 3}});

  expect_closed_form("0 -> 3 with a link of its own", 6, rates[0], "GB/s");
  expect_closed_form("1 -> 3 with a link of its own", 6, rates[1], "GB/s");
}

/// Dates at which bios end.
struct Ends : BlockListener {
  explicit Ends(SimMachine& on) : machine(on) {}
  void io_completed(const Bio&) override { date = machine.now(); }
  void congestion_cleared(DeviceId, IoDirection) override {}
  SimMachine& machine;
  SimTime date{};
};

/// A disk (by default of 100 MB/s) reads 512 KiB into node 0's memory while a CPU zeroes `zeroed`
/// there. Returns when the read and the zeroing end, in ms.
std::pair<double, double> read_beside_zeroing(std::int64_t controller_bytes_per_second,
                                              std::uint64_t zeroed,
                                              MediumKind medium = MediumKind::plain) {
  MachineConfig config = plain_machine(1, 1);
  config.disks[0].medium = medium;
  config.memory_bus.controller_bytes_per_second = controller_bytes_per_second;
  const auto zeroed_pages = static_cast<std::int64_t>(zeroed / kPageBytes);
  if (zeroed > 0) config.memory_bus.flow_chunk = PageCount{zeroed_pages};
  Crew crew(config);
  Ends ends(crew.machine);
  crew.machine.set_listener(&ends);
  SimTime done{};
  crew.add("t", 0, [&](Task& task) {
    crew.machine.submit(task, {.direction = IoDirection::read,
                               .device = DeviceId{0},
                               .length = Bytes{512 << 10},
                               .sync = true,
                               .node = NodeId{0}});
    crew.machine.touch(task, NodeId{0}, Bytes{zeroed}, Traffic::zero);
    done = crew.machine.now();
    crew.machine.sleep(task, Jiffies{250});
  });
  crew.machine.run();
  const auto ms = [](SimTime date) { return static_cast<double>(to_ns(date)) / 1e6; };
  return {ms(ends.date), ms(done)};
}

// The device's buffer takes 200 MB/s, so its part of 300 MB/s is half, for 512 KiB.
TEST(MemoryTheory, WhatADeviceMovesTakesItsPartOfTheController) {
  const auto [read, zeroed] = read_beside_zeroing(300'000'000, 30 << 20);
  const double bytes = 512 << 10;

  expect_closed_form("512 KiB read at the medium's 100 MB/s", bytes / 100e3, read, "ms");
  const double beside = bytes / 150e3;  // ms
  expect_closed_form("30 MiB zeroed beside it at 300 MB/s",
                     beside + (30.0 * (1 << 20) - bytes) / 300e3, zeroed, "ms");
}

TEST(MemoryTheory, ANarrowControllerHoldsADeviceUp) {
  expect_closed_form("512 KiB read into 60 MB/s of memory", (512 << 10) / 60e3,
                     read_beside_zeroing(60'000'000, 0).first, "ms");
}

// Its head stands where the read begins, so neither arm nor platter has to move.
TEST(MemoryTheory, AnHddReadsAtItsOwnRateIntoIdleMemory) {
  expect_closed_form("512 KiB of an hdd into 300 MB/s of memory", (512 << 10) / 64.8e3,
                     read_beside_zeroing(300'000'000, 0, MediumKind::hdd).first, "ms", 1e-4);
}

TEST(MemoryTheory, AnHddReadsAtItsShareOfASaturatedController) {
  expect_closed_form("512 KiB of an hdd at half of 100 MB/s", (512 << 10) / 50e3,
                     read_beside_zeroing(100'000'000, 30 << 20, MediumKind::hdd).first, "ms", 1e-4);
}

// W = s u / (2 (1 - u)) at utilisation u, service s (Pollaczek and Khinchine).
TEST(MemoryTheory, ABusyControllerAddsTheWaitOfAnMd1Queue) {
  for (const int percent : {0, 25, 50, 75, 90}) {
    ControllerLoad load(1'000'000'000, 100us);  // a byte a nanosecond
    for (int i = 0; i < 100; ++i)
      load.book(at(i * 1us), Bytes{static_cast<std::uint64_t>(percent) * 10});
    const double u = percent / 100.0;

    expect_closed_form("wait at " + std::to_string(percent) + " % utilisation",
                       45'000 * u / (2 * (1 - u)),
                       static_cast<double>(to_ns(load.wait(at(100us), 45us))), "ns", 1e-4);
  }
}

TEST(MemoryTheory, BytesBeyondWhatAWindowCarriesKeepTheNextOnesBusy) {
  ControllerLoad load(1'000'000'000, 100us);
  load.book(at(0us), Bytes{150'000});  // 1.5 windows' work

  const SimDuration full = load.wait(at(100us), 10us);   // u = 1, counted as 0.95
  const SimDuration half = load.wait(at(200us), 10us);   // u = 0.5
  const SimDuration none = load.wait(at(300us), 10us);

  expect_closed_form("wait after a full window", 95'000, static_cast<double>(to_ns(full)), "ns");
  expect_closed_form("wait after a half window", 5'000, static_cast<double>(to_ns(half)), "ns");
  expect_closed_form("wait after an idle window", 0, static_cast<double>(to_ns(none)), "ns");
}

/// A CPU-less node of slow memory behind a link, as CXL memory is.
TEST(MemoryTheory, ANodeMayHaveSlowerMemoryThanTheOthers) {
  MachineConfig config = plain_machine(2, 2);
  config.nodes[1].cpus = 0;
  config.nodes[1].controller_bytes_per_second = 3'000'000'000;
  config.nodes[1].memory_latency = 200ns;
  config.memory_bus.hop_latency = 50ns;
  const auto rates = rates_of(config, {{.cpu = 0, .node = 1}, {.cpu = 1, .node = 1}});
  expect_closed_form("two CPUs on a 3 GB/s controller", 1.5, rates[0], "GB/s");
  expect_closed_form("two CPUs on a 3 GB/s controller", 1.5, rates[1], "GB/s");
}

}  // namespace
}  // namespace numasim
