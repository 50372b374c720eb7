#include "sim/settings/load_scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/settings/scenario_settings.hpp"
#include "tests/settings/loading.hpp"

namespace numasim {
namespace {

using test::ScenarioFolder;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(LoadScenario, TakesDefaultsForWhatIsNotSaid) {
  const ScenarioFolder folder;
  const Scenario scenario = folder.load("{}");

  EXPECT_EQ(scenario.name, "s");
  EXPECT_EQ(scenario.seed, Scenario{}.seed);
  EXPECT_EQ(scenario.kernel.hz, KernelConfig{}.hz);
  EXPECT_EQ(scenario.workload.trace, folder.path() / "t.jsonl");
}

TEST(LoadScenario, ReadsEveryKindOfMember) {
  const Scenario scenario = ScenarioFolder().load(R"({
    "$schema": "ignored", "name": "all", "seed": 18446744073709551615,
    "machine": {"nodes": [{"memory_bytes": "1GiB", "cpus": 2}, {"memory_bytes": 4096}],
                "distance": [[10, 21], [21, 10]], "cpu_hz": "2.4GHz",
                "disks": [{"name": "a", "seek_ns": "1.5ms"}, {"name": "b"}]},
    "kernel": {"era": "2.6.22", "min_free_kbytes": null, "zone_reclaim_mode": 1,
               "lowmem_reserve_ratio": [1, 2, 3], "kernelcore_pages": "16MiB",
               "swappiness_percent": "50%", "exact_counters": true,
               "fail_page_alloc": {"times": -1}},
    "costs": {"pageset_hit_cycles": 7},
    "run": {"sample_interval_ns": "20ms"}})");

  EXPECT_EQ(scenario.seed, 18446744073709551615u);
  ASSERT_EQ(scenario.machine.nodes.size(), 2u);
  EXPECT_EQ(scenario.machine.nodes[0].memory, (Bytes{std::uint64_t{1} << 30}));
  EXPECT_EQ(scenario.machine.nodes[1].cpus, 1);
  EXPECT_EQ(scenario.machine.distance[0][1], 21);
  EXPECT_EQ(scenario.machine.cpu_hz, 2'400'000'000);
  EXPECT_EQ(scenario.machine.disks[0].seek, 1500us);
  EXPECT_EQ(scenario.machine.disks[1].seek, DiskConfig{}.seek);
  EXPECT_EQ(scenario.kernel.era, Era::linux_2_6_22);
  EXPECT_EQ(scenario.kernel.min_free_kbytes, std::nullopt);
  EXPECT_EQ(scenario.kernel.zone_reclaim_mode, 1);
  EXPECT_THAT(scenario.kernel.lowmem_reserve_ratio, ElementsAre(1, 2, 3));
  EXPECT_EQ(scenario.kernel.kernelcore, PageCount{4096});
  EXPECT_EQ(scenario.kernel.swappiness_percent, 50);
  EXPECT_TRUE(scenario.kernel.exact_counters);
  EXPECT_EQ(scenario.kernel.fail_page_alloc.times, -1);
  EXPECT_EQ(scenario.costs.pageset_hit, Cycles{7});
  EXPECT_EQ(scenario.run.sample_interval, 20ms);
}

TEST(LoadScenario, ReportsEveryFaultOfAFileInOneGoInFileOrder) {
  EXPECT_THAT(
      ScenarioFolder().faults(
          "{\n"
          "  \"nmae\": \"x\",\n"
          "  \"machine\": {\n"
          "    \"nodes\": [{\"memory_bytes\": -5, \"cpus\": 1.5}],\n"
          "    \"distance\": [[10, 20], [20]]\n"
          "  },\n"
          "  \"kernel\": {\"hz\": \"fast\", \"hz\": 250, \"era\": \"2.6.42\"},\n"
          "  \"cpusets\": [{\"name\": \"/db\", \"mems\": [5]}],\n"
          "  \"seed\": 99999999999999999999\n"
          "}"),
      ElementsAre(
          "s.json:2:3: /nmae: unknown key; did you mean name?",
          "s.json:4:32: /machine/nodes/0/memory_bytes: expected a value in 0..8TiB, found -5",
          "s.json:4:44: /machine/nodes/0/cpus: expected a whole number, found 1.5",
          "s.json:5:17: /machine/distance: distance matrix does not fit the nodes: expected 1 row, "
          "one a node, found 2",
          "s.json:7:28: /kernel/hz: duplicate key; it stands on line 7 already; remove one",
          "s.json:7:46: /kernel/era: expected one of \"2.6.22\", \"2.6.24\", found \"2.6.42\"; did "
          "you mean 2.6.22?",
          "s.json:8:40: /cpusets/0/mems/0: there is no node 5; the machine has node 0 only",
          "s.json:9:11: /seed: expected a number of at most 64 bits, found 99999999999999999999"));
}

struct WrongValue {
  const char* text;
  const char* fault;
};

class WrongValues : public testing::TestWithParam<WrongValue> {};

TEST_P(WrongValues, AreToldWithWhatIsExpectedAndFound) {
  EXPECT_THAT(ScenarioFolder().faults(GetParam().text), ElementsAre(GetParam().fault));
}

INSTANTIATE_TEST_SUITE_P(
    , WrongValues,
    testing::Values(
        WrongValue{R"({"seed": -1})",
                   "s.json:1:10: /seed: expected a value in 0..18446744073709551615, found -1"},
        WrongValue{R"({"kernel": {"hz": "250"}})",
                   "s.json:1:19: /kernel/hz: expected a whole number, found \"250\"; write it "
                   "without quotes"},
        WrongValue{R"({"kernel": {"hz": true}})",
                   "s.json:1:19: /kernel/hz: expected a whole number, found true"},
        WrongValue{R"({"kernel": {"hz": null}})",
                   "s.json:1:19: /kernel/hz: expected a whole number, found null"},
        WrongValue{R"({"kernel": {"swappiness_percent": "150%"}})",
                   "s.json:1:35: /kernel/swappiness_percent: expected a value in 0..100%, found "
                   "\"150%\""},
        WrongValue{R"({"kernel": {"exact_counters": 1}})",
                   "s.json:1:31: /kernel/exact_counters: expected true or false, found 1"},
        WrongValue{R"({"kernel": {"lowmem_reserve_ratio": [1, 2]}})",
                   "s.json:1:37: /kernel/lowmem_reserve_ratio: expected a list of 3, found a list "
                   "of 2"},
        WrongValue{R"({"kernel": []})",
                   "s.json:1:12: /kernel: expected a section { ... }, found []"},
        WrongValue{R"({"kernel": {"memory": 1, "hz": 100}})",
                   "s.json:1:13: /kernel/memory: unknown key; see numasim settings"},
        WrongValue{R"({"hz": 100})", "s.json:1:2: /hz: unknown key; it belongs in kernel"},
        WrongValue{R"({"machine": {"nodes": {}}})",
                   "s.json:1:23: /machine/nodes: expected a list [ ... ], found {}"},
        WrongValue{R"({"machine": {"nodes": [{"memory_bytes": "4G"}]}})",
                   "s.json:1:41: /machine/nodes/0/memory_bytes: expected a number with one of TiB, "
                   "GiB, MiB, KiB, B, kB, MB, GB, TB, found \"4G\""},
        WrongValue{R"({"machine": {"nodes": [{"memory_bytes": true}]}})",
                   "s.json:1:41: /machine/nodes/0/memory_bytes: expected a whole number or a text "
                   "such as \"4GiB\", found true"},
        WrongValue{R"({"name": 5})",
                   "s.json:1:10: /name: expected a text in double quotes, found 5"},
        WrongValue{R"({"version": 2, "nobody": 1, "knows": 2})",
                   "s.json:1:13: /version: expected version 1 or older, found 2; the file is for a "
                   "newer numasim"},
        WrongValue{
            R"({"workload": {"trace": "none.jsonl"}})",
            "s.json:1:24: /workload/trace: cannot read the trace none.jsonl: No such file or "
            "directory"},
        WrongValue{R"({"run": {"start_state": "."}})",
                   "s.json:1:25: /run/start_state: cannot read the state file : it is a directory"},
        WrongValue{R"({"workload": {}})",
                   "s.json:1:14: /workload/trace: expected the name of a trace, found none; add "
                   "\"workload\": {\"trace\": \"FILE.jsonl\"}"},
        WrongValue{"[1]", "s.json:1:1: expected a section { ... }, found a list"}));

TEST(LoadScenario, MissingFileIsNoFaultOfItsContent) {
  EXPECT_THROW(load_scenario("/nowhere/at/all.json"), FileError);
  EXPECT_THROW(load_scenario("/"), FileError);
}

TEST(LoadScenario, ResolvedScenarioIsAValidInputThatGivesTheSameAgain) {
  const ScenarioFolder folder;
  const Scenario scenario = folder.load(R"({
    "machine": {"nodes": [{"memory_bytes": "64MiB", "cpus": 2},
                          {"ranges": [{"begin_bytes": "1GiB", "end_bytes": "2GiB"}]}]},
    "kernel": {"min_free_kbytes": 1024, "numa_zonelist_order": "zone"},
    "cpusets": [{"name": "/db", "mems": [1]}]})");
  const std::string text = scenario_to_json(scenario).dump(2);

  const auto elsewhere = folder.file("sub/other.json", text);

  EXPECT_EQ(scenario_to_json(load_scenario(elsewhere)).dump(2), text);
}

TEST(LoadScenario, CpusetWithoutMasksGetsThoseOfItsParent) {
  const Scenario scenario = ScenarioFolder().load(R"({
    "machine": {"nodes": [{"memory_bytes": "64MiB", "cpus": 2}, {"memory_bytes": "64MiB"}]},
    "cpusets": [{"name": "/a/b", "cpus": [1]}, {"name": "/a", "mems": [1]}, {"name": "/c"}]})");

  EXPECT_THAT(scenario.cpusets[0].mems, ElementsAre(1));
  EXPECT_THAT(scenario.cpusets[0].cpus, ElementsAre(1));
  EXPECT_THAT(scenario.cpusets[1].cpus, ElementsAre(0, 1, 2));
  EXPECT_THAT(scenario.cpusets[2].mems, ElementsAre(0, 1));
}

TEST(LoadScenario, SeedGivenApartWins) {
  const ScenarioFolder folder;
  const auto file = folder.file("s.json", R"({"seed": 3, "workload": {"trace": "t.jsonl"}})");
  EXPECT_EQ(load_scenario(file, {"seed=4"}).seed, 4u);
  EXPECT_EQ(load_scenario(file, {"seed=4"}, 5).seed, 5u);
}

TEST(ScenarioSettings, EachNumberKnowsTheUnitItsKeyEndsIn) {
  EXPECT_EQ(find_setting(scenario_settings(), "machine.nodes.0.memory_bytes")->unit, Unit::bytes);
  EXPECT_EQ(find_setting(scenario_settings(), "run.sample_interval_ns")->unit, Unit::nanoseconds);
  EXPECT_EQ(find_setting(scenario_settings(), "run.sample_interval"), nullptr);
}

TEST(ScenarioSettings, EveryDefaultLiesInItsRange) {
  const ScenarioFolder folder;
  const Scenario scenario = folder.load("{}");
  EXPECT_NO_THROW(load_scenario(folder.file("d.json", scenario_to_json(scenario).dump())));
}

}  // namespace
}  // namespace numasim
