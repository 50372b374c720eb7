#include "sim/settings/machine_layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace numasim {
namespace {

using testing::ElementsAre;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST(MachineLayout, StacksMemoryFromAddressZeroNodeAfterNode) {
  MachineConfig machine;
  machine.nodes = {{Bytes{64 * kMiB}, {}, 2}, {std::nullopt, {}, 1}, {Bytes{32 * kMiB}, {}, 0}};

  const MachineLayout layout = to_layout(machine);

  ASSERT_EQ(layout.nodes.size(), 3u);
  EXPECT_THAT(layout.nodes[0].ranges, ElementsAre(PfnRange{Pfn{0}, Pfn{16384}}));
  EXPECT_THAT(layout.nodes[1].ranges, ElementsAre());
  EXPECT_THAT(layout.nodes[2].ranges, ElementsAre(PfnRange{Pfn{16384}, Pfn{24576}}));
}

TEST(MachineLayout, PlacesASizeAboveAllRangesBeforeIt) {
  MachineConfig machine;
  machine.nodes = {
      {std::nullopt, {{Bytes{512 * kMiB}, Bytes{768 * kMiB}}, {Bytes{0}, Bytes{kMiB}}}},
      {Bytes{kMiB}, {}, 1}};

  const MachineLayout layout = to_layout(machine);

  EXPECT_THAT(layout.nodes[0].ranges,
              ElementsAre(PfnRange{Pfn{131072}, Pfn{196608}}, PfnRange{Pfn{0}, Pfn{256}}));
  EXPECT_THAT(layout.nodes[1].ranges, ElementsAre(PfnRange{Pfn{196608}, Pfn{196864}}));
}

TEST(MachineLayout, NumbersCpusInNodeOrder) {
  MachineConfig machine;
  machine.nodes = {{Bytes{kMiB}, {}, 0}, {Bytes{kMiB}, {}, 2}, {Bytes{kMiB}, {}, 1}};

  const MachineLayout layout = to_layout(machine);

  EXPECT_THAT(layout.nodes[0].cpus, ElementsAre());
  EXPECT_THAT(layout.nodes[1].cpus, ElementsAre(CpuId{0}, CpuId{1}));
  EXPECT_THAT(layout.nodes[2].cpus, ElementsAre(CpuId{2}));
  EXPECT_EQ(layout.boot_cpu, CpuId{0});
}

TEST(MachineLayout, DistancesAre10And20UnlessSaid) {
  MachineConfig machine;
  machine.nodes = {{Bytes{kMiB}, {}, 1}, {Bytes{kMiB}, {}, 1}};
  EXPECT_THAT(to_layout(machine).distance, ElementsAre(ElementsAre(10, 20), ElementsAre(20, 10)));

  machine.distance = {{10, 31}, {30, 10}};
  EXPECT_THAT(to_layout(machine).distance, ElementsAre(ElementsAre(10, 31), ElementsAre(30, 10)));
}

}  // namespace
}  // namespace numasim
