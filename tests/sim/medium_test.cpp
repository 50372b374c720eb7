// Media: where the arm and the platter of an HDD are, which request it takes first, how many
// requests an SSD serves at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/hardware/hdd_geometry.hpp"
#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

constexpr std::uint64_t kHddSectors = 500'000'000'000 / kSectorBytes;

TEST(HddGeometry, SeeksTakeWhatTheDataSheetSays) {
  const HddGeometry hdd{HddConfig{}};
  EXPECT_EQ(hdd.seek(1000, 1000), 0ns);
  EXPECT_NEAR(to_ns(hdd.seek(0, 1)), to_ns(800us), 1000);
  EXPECT_NEAR(to_ns(hdd.seek(0, kHddSectors - 1)), to_ns(20ms), 1000);
  EXPECT_LT(hdd.seek(0, kHddSectors / 10), hdd.seek(0, kHddSectors / 5));

  constexpr std::uint64_t kGrid = 400;
  SimDuration sum{0};
  for (std::uint64_t from = 0; from < kGrid; ++from)
    for (std::uint64_t to = 0; to < kGrid; ++to)
      sum += hdd.seek(from * (kHddSectors / kGrid), to * (kHddSectors / kGrid));
  EXPECT_NEAR(to_ns(sum / (kGrid * kGrid)), to_ns(8200us), to_ns(30us));
}

TEST(HddGeometry, ASectorComesByOnceInEachTurn) {
  const HddGeometry hdd{HddConfig{}};
  for (const std::uint64_t sector : {0u, 12'345'678u, 900'000'000u}) {
    const SimDuration wait = hdd.rotation(SimTime{5s}, sector);
    EXPECT_GE(wait, 0ns);
    EXPECT_LT(wait, 8'333'334ns);
    EXPECT_NEAR(to_ns(hdd.rotation(SimTime{5s} + wait + 1ms, sector)), to_ns(7'333'333ns), 2000);
  }
}

TEST(HddGeometry, TheNextSectorComesByWhenTheLastOneHasPassed) {
  const HddGeometry hdd{HddConfig{}};
  const std::uint64_t begin = 300'000'000, end = begin + 512;
  const SimTime at_begin = SimTime{1s} + hdd.rotation(SimTime{1s}, begin);
  const SimDuration gap = hdd.rotation(at_begin + hdd.transfer(begin, end), end);
  EXPECT_LT(std::min(gap, 8'333'333ns - gap), 2us);
}

TEST(HddGeometry, TheInnerEdgeIsSlower) {
  const HddGeometry hdd{HddConfig{}};
  EXPECT_NEAR(to_ns(hdd.transfer(0, 2048)), 1048576 / 64.8e6 * 1e9, 2000);
  EXPECT_NEAR(to_ns(hdd.transfer(kHddSectors - 2048, kHddSectors)), 1048576 / 31.0e6 * 1e9, 2000);
}

struct Ear : BlockListener {
  void io_completed(const Bio& bio) override { order.push_back(bio.cookie); }
  void congestion_cleared(DeviceId, IoDirection) override {}
  std::vector<std::uint64_t> order;
};

/// A machine with one disk, and who hands in reads.
struct Reader {
  explicit Reader(const DiskConfig& disk) : crew(with(disk)) { crew.machine.set_listener(&ear); }
  static MachineConfig with(const DiskConfig& disk) {
    MachineConfig config = plain_machine(1, 1);
    config.disks = {disk};
    return config;
  }

  /// Hands in reads of single pages at once; then the task goes on with `and_then`.
  template <class Then>
  void read(const std::vector<std::uint64_t>& pages, Then and_then) {
    crew.add("reader", 0, [&](Task& task) {
      for (const std::uint64_t page : pages)
        crew.machine.submit(task, {.direction = IoDirection::read,
                                   .device = DeviceId{0},
                                   .first_sector = page * 8,
                                   .length = Bytes{kPageBytes},
                                   .sync = true,
                                   .cookie = page});
      and_then(task);
    });
    crew.machine.run();
  }

  Crew crew;
  Ear ear;
};

/// The order in which pages come back that are asked for at once.
std::vector<std::uint64_t> order_of_reads(const DiskConfig& disk,
                                          const std::vector<std::uint64_t>& pages) {
  Reader reader(disk);
  reader.read(pages, [&](Task& task) {
    while (reader.ear.order.size() < pages.size())
      reader.crew.machine.sleep(task, Jiffies{1});
  });
  return reader.ear.order;
}

const std::vector<std::uint64_t> kReads{50'000'000, 100'000'000, 50'000'001, 10};

TEST(HddMedium, ServesRequestsAsItIsGivenThem) {
  DiskConfig disk{.elevator = Elevator::noop, .medium = MediumKind::hdd};
  EXPECT_EQ(order_of_reads(disk, kReads), kReads);
}

TEST(HddMedium, TakesTheNearestOfTheRequestsItHolds) {
  DiskConfig disk{.elevator = Elevator::noop, .medium = MediumKind::hdd};
  disk.queue_depth = 31;
  const auto order = order_of_reads(disk, kReads);
  EXPECT_EQ(order[0], 50'000'000u);  // was begun before the others came
  EXPECT_EQ(order[1], 50'000'001u);
}

TEST(FlashMedium, ServesSevenReadsInTheTimeOfOneAndTheEighthAfterThem) {
  DiskConfig disk{.completion = 0ns,
                  .completion_per_page = 0ns,
                  .elevator = Elevator::noop,
                  .medium = MediumKind::sata_ssd};
  disk.flash.bytes_per_second = 1'000'000'000'000;  // its latency is all there is
  Reader reader(disk);
  SimMachine& machine = reader.crew.machine;
  reader.read({0, 10, 20, 30, 40, 50, 60, 70}, [&](Task& task) {
    machine.sleep_until(task, SimTime{160us});
    EXPECT_EQ(reader.ear.order.size(), 7u);
    machine.sleep_until(task, SimTime{1ms});
  });
  EXPECT_NEAR(to_ns(machine.device(DeviceId{0}).totals().busy), to_ns(304us), 100);
}

}  // namespace
}  // namespace numasim
