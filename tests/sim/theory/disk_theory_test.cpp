// Disks against closed forms: rates of sequential and random access, queues.

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "allocator/random.hpp"
#include "tests/sim/crew.hpp"
#include "tests/sim/theory/closed_form.hpp"

namespace numasim {
namespace {

constexpr DeviceId kDisk{0};
constexpr double kSecond = 1e9;

double seconds(SimDuration time) { return static_cast<double>(to_ns(time)) / kSecond; }

/// One disk, whose interrupts cost nothing.
MachineConfig machine_with(DiskConfig disk) {
  MachineConfig machine = plain_machine(1, 2);
  disk.name = "sda";
  disk.completion = disk.completion_per_page = disk.queue_lock_hold = 0ns;
  disk.elevator = Elevator::noop;
  disk.nr_requests = 4096;
  machine.disks = {disk};
  return machine;
}

/// Notes when each bio went in and came back.
struct Ear : BlockListener {
  explicit Ear(SimMachine& of) : machine(of) {}

  void submit(Task& task, std::uint64_t page, IoDirection direction = IoDirection::read) {
    const std::uint64_t cookie = submitted++;
    begun[cookie] = machine.now();
    machine.submit(task, {.direction = direction,
                          .device = kDisk,
                          .first_sector = page * (kPageBytes / kSectorBytes),
                          .length = Bytes{kPageBytes},
                          .sync = true,
                          .cookie = cookie});
  }
  void io_completed(const Bio& bio) override {
    ++completed;
    sojourn += machine.now() - begun.at(bio.cookie);
    begun.erase(bio.cookie);
  }
  void congestion_cleared(DeviceId, IoDirection) override {}

  SimMachine& machine;
  std::map<std::uint64_t, SimTime> begun;
  std::uint64_t submitted = 0, completed = 0;
  SimDuration sojourn{0};
};

/// `count` reads of single pages at random places of `pages`, one after the other.
SimDuration time_of_random_reads(const DiskConfig& disk, std::uint64_t pages, int count) {
  Crew crew(machine_with(disk));
  Ear ear(crew.machine);
  crew.machine.set_listener(&ear);
  crew.add("reader", 0, [&](Task& task) {
    Random random(1);
    for (int i = 0; i < count; ++i) {
      ear.submit(task, random.below(pages));
      while (ear.completed < ear.submitted) crew.machine.sleep(task, Jiffies{1});
    }
  });
  crew.machine.run();
  return crew.machine.device(kDisk).totals().busy / count;
}

constexpr std::uint64_t kPagesOfWrite = 128;

/// Bytes per second of writes that follow each other from the first sector on.
double rate_of_sequential_writes(const DiskConfig& disk, std::uint64_t pages) {
  Crew crew(machine_with(disk));
  crew.add("writer", 0, [&](Task& task) {
    for (std::uint64_t page = 0; page < pages; page += kPagesOfWrite)
      crew.machine.submit(task, {.direction = IoDirection::write,
                                 .device = kDisk,
                                 .first_sector = page * 8,
                                 .length = Bytes{kPagesOfWrite * kPageBytes}});
    crew.machine.sleep_until(task, SimTime{10s});
  });
  crew.machine.run();
  return static_cast<double>(pages * kPageBytes) /
         seconds(crew.machine.device(kDisk).totals().busy);
}

TEST(DiskTheory, ASequentialStreamRunsAtTheRateOfThePlainMediumLessItsOverhead) {
  DiskConfig disk;
  constexpr double kRequestBytes = kPagesOfWrite * kPageBytes;
  const double expected = kRequestBytes / (kRequestBytes / 60e6 + seconds(disk.overhead));
  const double measured = rate_of_sequential_writes(disk, 8192);
  expect_closed_form("plain, sequential", expected / 1e6, measured / 1e6, "MB/s", 0.001);
}

TEST(DiskTheory, ASequentialStreamRunsAtTheOuterRateOfAnHdd) {
  DiskConfig disk;
  disk.medium = MediumKind::hdd;
  const double measured = rate_of_sequential_writes(disk, 16384);
  expect_closed_form("hdd, sequential", 64.8, measured / 1e6, "MB/s", 0.001);
}

TEST(DiskTheory, ARandomReadOfAnHddTakesTheMeanSeekAndHalfATurn) {
  DiskConfig disk;
  disk.medium = MediumKind::hdd;
  const SimDuration measured =
      time_of_random_reads(disk, disk.hdd.capacity.value / kPageBytes, 4000);
  // The mean of 1/rate over the addresses, of a rate that falls linearly.
  const double seconds_per_byte = std::log(64.8 / 31.0) / (64.8e6 - 31.0e6);
  const double half_turn = 60.0 / 7200 / 2;
  const double expected = 8.2e-3 + half_turn + kPageBytes * seconds_per_byte;
  expect_closed_form("hdd, random 4 KiB read", expected * 1e3, seconds(measured) * 1e3, "ms", 0.02);
}

TEST(DiskTheory, ARandomReadOfAnSsdTakesItsLatency) {
  DiskConfig disk;
  disk.medium = MediumKind::sata_ssd;
  const double measured = seconds(time_of_random_reads(disk, 1'000'000, 500));
  expect_closed_form("sata_ssd, random 4 KiB read", 152, measured * 1e6, "us", 0.001);
}

TEST(DiskTheory, ManyReadsOfAnNvmeAtOnceAreServedThirteenAtATime) {
  DiskConfig disk;
  disk.medium = MediumKind::nvme;
  constexpr int kReads = 4000;
  Crew crew(machine_with(disk));
  Ear ear(crew.machine);
  crew.machine.set_listener(&ear);
  crew.add("reader", 0, [&](Task& task) {
    for (std::uint64_t i = 0; i < kReads; ++i) ear.submit(task, i * 10);
    while (ear.completed < kReads) crew.machine.sleep(task, Jiffies{1});
  });
  crew.machine.run();
  const double measured = kReads / seconds(crew.machine.device(kDisk).totals().busy);
  expect_closed_form("nvme, random 4 KiB reads, 32 at once", 13 / 72e-6, measured, "1/s", 0.01);
}

/// Reads that arrive at random, with exponential times between them, at a disk that serves each in
/// a millisecond: L = lambda W, and W is that of an M/D/1 queue.
TEST(DiskTheory, LittlesLawAndTheWaitingTimeOfAQueueWithConstantService) {
  constexpr double kLoad = 0.7, kService = 1e-3;
  constexpr int kReads = 60'000;
  DiskConfig disk;
  disk.overhead = 1ms;
  disk.seek = 0ns;
  disk.bandwidth_bytes_per_second = 1'000'000'000'000;
  Crew crew(machine_with(disk));
  Ear ear(crew.machine);
  crew.machine.set_listener(&ear);
  double in_system = 0;
  int samples = 0;
  crew.machine.every(37us, [&] {
    const RequestQueue& queue = crew.machine.device(kDisk).queue();
    in_system += queue.waiting() + queue.in_flight();
    ++samples;
  });
  crew.add("source", 0, [&](Task& task) {
    Random random(7);
    double date = 0;
    for (std::uint64_t i = 0; i < kReads; ++i) {
      const double uniform = (static_cast<double>(random.next() >> 11) + 0.5) / 9007199254740992.0;
      date += -std::log(uniform) * kService / kLoad;
      crew.machine.sleep_until(task, SimTime{SimDuration{std::llround(date * kSecond)}});
      ear.submit(task, (i % 100'000) * 10);
    }
    while (ear.completed < kReads) crew.machine.sleep(task, Jiffies{1});
  });
  const RunEnd end = crew.machine.run();

  const double arrivals = kReads / seconds(end.date.time_since_epoch());
  const double sojourn = seconds(ear.sojourn) / kReads;
  expect_closed_form("Little: requests in the queue", arrivals * sojourn, in_system / samples, "",
                     0.005);
  const double expected = kService * (1 + kLoad / (2 * (1 - kLoad)));
  expect_closed_form("M/D/1 at load 0.7: time in the queue", expected * 1e3, sojourn * 1e3, "ms",
                     0.03);
}

TEST(DiskTheory, ARaid0OfTwoDisksIsTwiceAsFast) {
  MachineConfig config = plain_machine(1, 1);
  config.disks.push_back(config.disks[0]);
  config.disks[1].name = "sdb";
  config.raid0 = {{.name = "md0", .disks = {"sda", "sdb"}}};
  Crew crew(config);
  constexpr int kPages = 8192;
  crew.add("writer", 0, [&](Task& task) {
    for (std::uint64_t page = 0; page < kPages; page += 128)
      crew.machine.submit(task, {.direction = IoDirection::write,
                                 .device = DeviceId{2},
                                 .first_sector = page * 8,
                                 .length = to_bytes(PageCount{128})});
    crew.machine.sleep_until(task, SimTime{10s});
  });
  crew.machine.run();
  double busy = 0;
  for (const DeviceId disk : {DeviceId{0}, DeviceId{1}})
    busy = std::max(busy, seconds(crew.machine.device(disk).totals().busy));
  expect_closed_form("raid0 of two, sequential", 200,
                     kPages * static_cast<double>(kPageBytes) / busy / 1e6, "MB/s", 0.001);
}

}  // namespace
}  // namespace numasim
