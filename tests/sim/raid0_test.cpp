// A RAID-0: where its chunks lie, and when a split bio is done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/hardware/raid0.hpp"

namespace numasim {
namespace {

using testing::ElementsAre;

/// Two disks and an array of 64 KiB chunks on them, which is device 2.
MachineConfig two_disks() {
  MachineConfig machine;
  machine.disks = {{.name = "sda"}, {.name = "sdb"}};
  machine.raid0 = {{.name = "md0", .disks = {"sda", "sdb"}}};
  return machine;
}

Bio write_at(std::uint64_t sector, std::uint64_t kib) {
  return {IoDirection::write, DeviceId{2}, sector, Bytes{kib << 10}, false, 77};
}

struct Ear : BlockListener {
  void io_completed(const Bio& bio) override { said.push_back("done " + show(bio)); }
  void io_failed(const Bio& bio) override { said.push_back("failed " + show(bio)); }
  void congestion_cleared(DeviceId, IoDirection) override {}
  static std::string show(const Bio& bio) {
    return std::to_string(bio.device.value) + ':' + std::to_string(bio.first_sector) + ' ' +
           std::to_string(bio.cookie);
  }
  std::vector<std::string> said;
};

class Raid0 : public testing::Test {
 protected:
  Raid0() { arrays.set_listener(&ear); }

  Raid0Arrays arrays{two_disks()};
  Ear ear;
};

TEST_F(Raid0, LaysChunksOnItsDisksInTurn) {
  std::vector<std::string> places;
  for (const auto& [disk, bio] : arrays.split(write_at(64, 256)))
    places.push_back(std::to_string(disk.value) + ':' + std::to_string(bio.first_sector) + '+' +
                     std::to_string(bio.length.value / 1024));
  EXPECT_THAT(places, ElementsAre("0:64+32", "1:0+64", "0:128+64", "1:128+64", "0:256+32"));
}

TEST_F(Raid0, ABioIsDoneWithItsLastPieceUnderItsOwnName) {
  const auto pieces = arrays.split(write_at(64, 64));
  arrays.io_completed(pieces[1].bio);
  EXPECT_TRUE(ear.said.empty());
  arrays.io_completed(pieces[0].bio);
  EXPECT_THAT(ear.said, ElementsAre("done 2:64 77"));
}

TEST_F(Raid0, ABioFailsIfAPieceDoes) {
  const auto pieces = arrays.split(write_at(64, 64));
  arrays.io_failed(pieces[0].bio);
  arrays.io_completed(pieces[1].bio);
  EXPECT_THAT(ear.said, ElementsAre("failed 2:64 77"));
}

TEST_F(Raid0, BiosOnTheWayDoNotMixUp) {
  const auto first = arrays.split(write_at(0, 128));
  const auto second = arrays.split(write_at(1024, 128));
  for (const auto* pieces : {&second, &first})
    for (const auto& piece : *pieces) arrays.io_completed(piece.bio);
  EXPECT_THAT(ear.said, ElementsAre("done 2:1024 77", "done 2:0 77"));
}

TEST_F(Raid0, WhatADiskSaysOfItsOwnPassesThrough) {
  Bio own = write_at(8, 4);
  own.device = DeviceId{1};
  arrays.io_completed(own);
  EXPECT_THAT(ear.said, ElementsAre("done 1:8 77"));
}

}  // namespace
}  // namespace numasim
