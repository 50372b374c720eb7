// The ways between nodes.

#include "sim/hardware/interconnect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace numasim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

NodeId node(unsigned id) { return NodeId{static_cast<std::uint16_t>(id)}; }

MachineConfig machine_of(std::size_t nodes) {
  MachineConfig config;
  config.nodes.assign(nodes, NodeConfig{});
  config.memory_bus.hop_latency = 40ns;
  return config;
}

/// The ends that a way comes by, the last one included.
std::vector<unsigned> way(const Interconnect& interconnect, unsigned from, unsigned to) {
  std::vector<unsigned> ends;
  for (const auto link : interconnect.route(node(from), node(to)))
    ends.push_back(interconnect.links()[link].to);
  return ends;
}

TEST(Interconnect, HasALinkBetweenEachTwoNodesByDefault) {
  MachineConfig config = machine_of(4);
  config.distance = {{10, 20, 20, 30}, {20, 10, 30, 20}, {20, 30, 10, 20}, {30, 20, 20, 10}};
  const Interconnect interconnect(config);

  EXPECT_EQ(interconnect.links().size(), 12U);
  EXPECT_THAT(way(interconnect, 0, 3), ElementsAre(3));
  EXPECT_EQ(interconnect.latency(node(0), node(3)), 80ns);
}

TEST(Interconnect, TakesTheSmallerNumberOfTwoWaysAsShort) {
  MachineConfig config = machine_of(4);
  config.links = {{.from = 2, .to = 3}, {.from = 0, .to = 2}, {.from = 3, .to = 1},
                  {.from = 1, .to = 0}};
  const Interconnect interconnect(config);

  EXPECT_THAT(way(interconnect, 0, 3), ElementsAre(1, 3));
  EXPECT_THAT(way(interconnect, 3, 0), ElementsAre(1, 0));
  EXPECT_THAT(way(interconnect, 1, 2), ElementsAre(0, 2));
  EXPECT_EQ(interconnect.latency(node(0), node(3)), 80ns);
}

TEST(Interconnect, GoesThroughRouters) {
  MachineConfig config = machine_of(2);
  config.routers = 2;
  config.links = {{.from = 0, .to = 2, .bytes_per_second = 5'000'000},
                  {.from = 2, .to = 3, .bytes_per_second = 3'000'000, .latency = 7ns},
                  {.from = 3, .to = 1}};
  const Interconnect interconnect(config);

  EXPECT_THAT(way(interconnect, 0, 1), ElementsAre(2, 3, 1));
  EXPECT_EQ(interconnect.bytes_per_second(node(0), node(1)), 3'000'000);
  EXPECT_EQ(interconnect.latency(node(1), node(0)), 87ns);
}

TEST(Interconnect, TheWayBackMayHaveAnotherSpeed) {
  MachineConfig config = machine_of(2);
  config.links = {{.from = 0, .to = 1, .bytes_per_second = 5'000'000},
                  {.from = 1, .to = 0, .bytes_per_second = 9'000'000}};
  const Interconnect interconnect(config);

  EXPECT_EQ(interconnect.bytes_per_second(node(0), node(1)), 5'000'000);
  EXPECT_EQ(interconnect.bytes_per_second(node(1), node(0)), 9'000'000);
}

TEST(Interconnect, DistancesOfALadderTellItsHops) {
  MachineConfig config = machine_of(6);  // 0-2-4 and 1-3-5, with rungs
  config.memory_bus.routes = Routes::hops;
  config.distance = {{10, 16, 16, 22, 22, 28}, {16, 10, 22, 16, 28, 22}, {16, 22, 10, 16, 16, 22},
                     {22, 16, 16, 10, 22, 16}, {22, 28, 16, 22, 10, 16}, {28, 22, 22, 16, 16, 10}};
  const Interconnect interconnect(config);

  EXPECT_EQ(interconnect.links().size(), 14U);
  EXPECT_THAT(way(interconnect, 0, 5), ElementsAre(1, 3, 5));
  EXPECT_THAT(way(interconnect, 4, 1), ElementsAre(2, 0, 1));
  EXPECT_EQ(interconnect.latency(node(0), node(5)), 72ns);  // by distance: 40 ns for 10
}

TEST(Interconnect, DistancesThatHopsDoNotExplainGetDirectLinks) {
  MachineConfig config = machine_of(3);
  config.memory_bus.routes = Routes::hops;
  config.distance = {{10, 20, 15}, {20, 10, 20}, {15, 20, 10}};  // node 1 is nobody's neighbour

  EXPECT_THAT(way(Interconnect(config), 0, 1), ElementsAre(1));
}

}  // namespace
}  // namespace numasim
