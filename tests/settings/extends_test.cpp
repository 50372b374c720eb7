#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/settings/loading.hpp"

namespace numasim {
namespace {

using test::ScenarioFolder;
using testing::ElementsAre;

TEST(Extends, SectionsMergeAndEverythingElseReplaces) {
  const ScenarioFolder folder;
  folder.file("base.json", R"({"kernel": {"hz": 100, "swappiness_percent": 1},
      "machine": {"nodes": [{"memory_bytes": 4096}, {"memory_bytes": 4096}]}})");

  const Scenario scenario = folder.load(R"({"extends": "base.json", "kernel": {"hz": 1000},
      "machine": {"nodes": [{"memory_bytes": 8192}]}})");

  EXPECT_EQ(scenario.kernel.hz, 1000);
  EXPECT_EQ(scenario.kernel.swappiness_percent, 1);
  ASSERT_EQ(scenario.machine.nodes.size(), 1u);
  EXPECT_EQ(scenario.machine.nodes[0].memory, Bytes{8192});
}

TEST(Extends, LaterFilesOfAListWinOverEarlierOnes) {
  const ScenarioFolder folder;
  folder.file("a.json", R"({"kernel": {"hz": 100, "pageblock_order": 10}})");
  folder.file("b.json", R"({"kernel": {"hz": 300}})");

  const Scenario scenario = folder.load(R"({"extends": ["a.json", "b.json"]})");

  EXPECT_EQ(scenario.kernel.hz, 300);
  EXPECT_EQ(scenario.kernel.pageblock_order, 10);
}

TEST(Extends, NullTakesAnInheritedValueBack) {
  const ScenarioFolder folder;
  folder.file("a.json", R"({"kernel": {"min_free_kbytes": 100}})");
  const Scenario scenario =
      folder.load(R"({"extends": "a.json", "kernel": {"min_free_kbytes": null}})");
  EXPECT_EQ(scenario.kernel.min_free_kbytes, std::nullopt);
}

TEST(Extends, FileNamesAreRelativeToTheFileThatSaysThem) {
  const ScenarioFolder folder;
  folder.file("lib/deep/w.json", R"({"workload": {"trace": "../w.jsonl"}})");
  folder.file("lib/base.json", R"({"extends": "deep/w.json"})");
  folder.file("lib/w.jsonl", "");

  const Scenario scenario = load_scenario(folder.file("s.json", R"({"extends": "lib/base.json"})"));

  EXPECT_EQ(scenario.workload.trace, folder.path() / "lib/w.jsonl");
}

TEST(Extends, FaultsPointIntoTheFileThatHasThem) {
  const ScenarioFolder folder;
  folder.file("base.json", "{\n \"kernel\": {\"hz\": 5, \"pageblock_order\": 8}}");
  EXPECT_THAT(folder.faults(R"({"extends": "base.json", "kernel": {"hz": 250}, "seed": "x"})"),
              ElementsAre("s.json:1:57: /seed: expected a whole number, found \"x\"",
                          "base.json:2:41: /kernel/pageblock_order: expected a value in 9..10, "
                          "found 8"));
}

TEST(Extends, CirclesAreRefused) {
  const ScenarioFolder folder;
  folder.file("a.json", R"({"extends": "sub/../s.json"})");
  EXPECT_THAT(
      folder.faults(R"({"extends": ["a.json"]})"),
      ElementsAre("a.json:1:13: /extends: the files extend each other in a circle: s.json"));
}

TEST(Extends, OneFileMayBeReachedOnTwoWays) {
  const ScenarioFolder folder;
  folder.file("base.json", R"({"kernel": {"hz": 100}})");
  folder.file("a.json", R"({"extends": "base.json"})");
  folder.file("b.json", R"({"extends": "base.json"})");
  EXPECT_EQ(folder.load(R"({"extends": ["a.json", "b.json"]})").kernel.hz, 100);
}

TEST(Extends, MissingFilesAndWrongTypesHaveAPlace) {
  const ScenarioFolder folder;
  EXPECT_THAT(folder.faults(R"({"extends": ["no.json"]})"),
              ElementsAre("s.json:1:14: /extends/0: expected the name of a readable file, relative "
                          "to this one; no.json: cannot be read: No such file or directory"));
  EXPECT_THAT(folder.faults(R"({"extends": 5})"),
              ElementsAre("s.json:1:13: /extends: expected the name of a file, or a list of names, "
                          "found 5"));
}

TEST(Extends, SyntaxFaultOfABaseIsReportedThere) {
  const ScenarioFolder folder;
  folder.file("base.json", "{\"kernel\": }");
  EXPECT_THAT(folder.faults(R"({"extends": "base.json"})"),
              ElementsAre("base.json:1:12: not valid JSON: expected a value, found }"));
}

}  // namespace
}  // namespace numasim
