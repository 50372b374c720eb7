#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/settings/loading.hpp"

namespace numasim {
namespace {

using test::ScenarioFolder;
using testing::ElementsAre;
using testing::StartsWith;

TEST(Overrides, AreReadAsTheirSettingSays) {
  const Scenario scenario =
      ScenarioFolder().load("{}", {"machine.nodes.0.memory_bytes=1GiB", "kernel.era=2.6.22",
                                   "name=17", "description=\"a = b\"", "kernel.exact_counters=true",
                                   "kernel.min_free_kbytes=16MiB", "seed=9"});

  EXPECT_EQ(scenario.machine.nodes[0].memory, (Bytes{std::uint64_t{1} << 30}));
  EXPECT_EQ(scenario.kernel.era, Era::linux_2_6_22);
  EXPECT_EQ(scenario.name, "17");
  EXPECT_EQ(scenario.description, "a = b");
  EXPECT_TRUE(scenario.kernel.exact_counters);
  EXPECT_EQ(scenario.kernel.min_free_kbytes, 16384);
  EXPECT_EQ(scenario.seed, 9u);
}

TEST(Overrides, WinOverTheFileAndLaterOnesOverEarlierOnes) {
  EXPECT_EQ(ScenarioFolder().load(R"({"seed": 1})", {"seed=2", "seed=3"}).seed, 3u);
}

TEST(Overrides, ReachIntoListsSaidOrDefault) {
  const Scenario scenario = ScenarioFolder().load(
      R"({"machine": {"nodes": [{"memory_bytes": 4096}, {"memory_bytes": 4096}]}})",
      {"machine.nodes.1.cpus=3", "machine.disks.0.nr_requests=16",
       "machine.distance=[[10,20],[20,10]]", "machine.distance.0.1=30"});

  EXPECT_EQ(scenario.machine.nodes[1].memory, Bytes{4096});
  EXPECT_EQ(scenario.machine.nodes[1].cpus, 3);
  EXPECT_EQ(scenario.machine.disks[0].nr_requests, 16);
  EXPECT_EQ(scenario.machine.disks[0].name, DiskConfig{}.name);
  EXPECT_EQ(scenario.machine.distance[0][1], 30);
}

TEST(Overrides, NullUnsetsASetting) {
  const Scenario scenario = ScenarioFolder().load(R"({"kernel": {"zone_reclaim_mode": 1}})",
                                                  {"kernel.zone_reclaim_mode=null"});
  EXPECT_EQ(scenario.kernel.zone_reclaim_mode, std::nullopt);
}

TEST(Overrides, BelowAMisreadSectionLeaveOnlyItsOwnFault) {
  EXPECT_THAT(ScenarioFolder().faults(R"({"kernel": 5})", {"kernel.hz=100"}),
              ElementsAre("s.json:1:12: /kernel: expected a section { ... }, found 5"));
  EXPECT_THAT(ScenarioFolder().faults(R"({"machine": {"nodes": 5}})", {"machine.nodes.0.cpus=1"}),
              ElementsAre("s.json:1:23: /machine/nodes: expected a list [ ... ], found 5"));
}

TEST(Overrides, BelowASectionAnotherOneSpoiltAreLeftOut) {
  for (const char* value : {"17", "[]", "null", "\"text\""})
    EXPECT_THAT(ScenarioFolder().faults("{}", {std::string("machine=") + value, "machine.disks.0=1",
                                               "machine.cpu_hz=2", "machine.nodes.0.cpus=1"}),
                ElementsAre(std::string("--set machine=") + value +
                            ": /machine: expected a section { ... }, found " + value));
}

struct WrongOverride {
  const char* text;
  const char* fault;
};

class WrongOverrides : public testing::TestWithParam<WrongOverride> {};

TEST_P(WrongOverrides, SayWhatWouldBeRight) {
  EXPECT_THAT(ScenarioFolder().faults("{}", {GetParam().text}),
              ElementsAre("--set " + std::string(GetParam().text) + ": " + GetParam().fault));
}

INSTANTIATE_TEST_SUITE_P(
    , WrongOverrides,
    testing::Values(
        WrongOverride{"kernel.hzz=1", "unknown setting kernel.hzz; did you mean kernel.hz?"},
        WrongOverride{"kernal.hz=1", "unknown setting kernal.hz; did you mean kernel?"},
        WrongOverride{"hz=100", "unknown setting hz; did you mean kernel.hz?"},
        WrongOverride{"kernel.hz.x=1",
                      "unknown setting kernel.hz.x; kernel.hz has no settings "
                      "inside"},
        WrongOverride{"machine.nodes.cpus=1",
                      "unknown setting machine.nodes.cpus; machine.nodes is a list: its elements "
                      "are machine.nodes.0, machine.nodes.1, ..."},
        WrongOverride{"machine.nodes.7.cpus=1",
                      "/machine/nodes/7: expected an index in 0..0, found 7; set the whole list: "
                      "--set 'machine.nodes=[...]'"},
        WrongOverride{"kernel.hz=fast", "/kernel/hz: expected a whole number, found \"fast\""},
        WrongOverride{"kernel.hz=", "/kernel/hz: expected a whole number, found \"\""},
        WrongOverride{"kernel.hz=5000", "/kernel/hz: expected a value in 100..1000, found 5000"},
        WrongOverride{"machine.nodes.0.memory_bytes=-1GiB",
                      "/machine/nodes/0/memory_bytes: expected a value in 0..8TiB, found "
                      "\"-1GiB\""},
        WrongOverride{"seed",
                      "expected path=value, found \"seed\"; for instance --set "
                      "machine.nodes.0.memory_bytes=1GiB"}));

TEST(Overrides, FileNamesAreRelativeToTheWorkingDirectory) {
  const ScenarioFolder folder;
  folder.file("x.jsonl", "");
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const Scenario scenario = folder.load("{}", {"workload.trace=x.jsonl"});
  std::filesystem::current_path(here);
  EXPECT_EQ(scenario.workload.trace.filename(), "x.jsonl");
}

}  // namespace
}  // namespace numasim
