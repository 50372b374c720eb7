#include "sim/results/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/results/small_run.hpp"

namespace numasim::results {
namespace {

using ::testing::HasSubstr;
using ::testing::Le;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

RunSummary small_summary() {
  Listener run;
  const Task reader = task(1, "reader", 0);
  for (int i = 0; i < 1234; ++i) run.serve(reader, kNormal1, kNormal0);
  run.hear(reader, event::CongestionSet{DeviceId{0}, IoDirection::write});
  run.at(1500ms);
  run.hear(reader, event::OomKill{TaskId{4}, 17});
  RunSummary summary;
  summary.scenario = "small";
  summary.seed = 18'446'744'073'709'551'615u;
  summary.end = at(1500ms);
  summary.ended_by = "time limit";
  summary.outline = two_nodes();
  summary.events = run.finish();
  return summary;
}

/// As large as it gets: 64 nodes of 4 zones, 9 disks, 40 kills, long names, large numbers.
RunSummary large_summary() {
  constexpr std::int64_t kMany = 9'000'000'000'000'000;
  const std::string long_name(200, 'n');
  RunSummary summary;
  summary.scenario = long_name + "\u00e9";
  summary.end = at(100'000h);
  summary.ended_by = long_name;
  for (std::uint16_t node = 0; node < 64; ++node)
    for (unsigned type = 0; type < kZoneTypes; ++type)
      summary.outline.zones.push_back(
          {{NodeId{node}, static_cast<ZoneType>(type)}, {}, {}, {}, {kMany}, {kMany}, {kMany}, {}});
  ZoneTotals zone;
  zone.pages_served = {kMany};
  zone.numa_hit = zone.numa_miss = zone.numa_foreign = kMany;
  summary.events.zones.assign(summary.outline.zones.size(), zone);
  summary.events.kswapd.assign(64, {kMany, kMany, 100'000h, {kMany}});
  for (std::uint16_t disk = 0; disk < 9; ++disk)
    summary.outline.devices.push_back({DeviceId{disk}, long_name + std::to_string(disk)});
  summary.events.congestion.resize(9);
  summary.events.oom_kills.assign(40, {at(1h), TaskId{1}, long_name, long_name, 1, long_name});
  summary.panic = long_name + "; " + long_name + "; " + long_name;
  summary.events.requests = summary.events.failed = summary.events.unfinished = kMany;
  return summary;
}

TEST(SummaryText, FitsOnOneScreenHoweverLargeTheRun) {
  const auto lines = lines_of(summary_text(large_summary()));

  EXPECT_THAT(lines.size(), Le(24u));
  for (const std::string& line : lines) EXPECT_THAT(line.size(), Le(100u)) << line;
}

TEST(SummaryText, SaysWhatHappened) {
  const std::string text = summary_text(small_summary());

  EXPECT_THAT(text, HasSubstr("small, seed 18446744073709551615"));
  EXPECT_THAT(text, HasSubstr("1.500 s"));
  EXPECT_THAT(text, HasSubstr("1,234 served at once"));
  EXPECT_THAT(text, HasSubstr("1 killed: task 4 at 1.500 s"));
  EXPECT_THAT(text, HasSubstr("congested 1x, 1.500 s"));
}

TEST(SummaryText, StandsForARunInWhichNothingHappened) {
  RunSummary summary;
  summary.scenario = "idle";
  summary.outline = two_nodes();
  summary.events = Listener().finish();

  EXPECT_THAT(summary_text(summary), HasSubstr("0 ns"));
}

TEST(Summary, WritesEachNumberAlikeInBothFiles) {
  const RunSummary summary = small_summary();
  const auto json = nlohmann::json::parse(summary_json(summary));
  const auto lines = lines_of(stats_text(summary));

  ASSERT_EQ(lines.size(), stats_of(summary).size());
  for (const std::string& line : lines) {
    std::istringstream in(line);
    std::string name, hash;
    std::int64_t value = 0;
    in >> name >> value >> hash;
    ASSERT_EQ(hash, "#") << line;
    std::ranges::replace(name, '.', '/');
    EXPECT_EQ(json.at(nlohmann::json::json_pointer('/' + name)), value) << line;
  }
}

TEST(Summary, NamesItsSchemaAndKeepsTheWholeSeed) {
  const auto json = nlohmann::json::parse(summary_json(small_summary()));

  EXPECT_EQ(json.at("numasim_summary"), 1);
  EXPECT_EQ(json.at("seed"), 18'446'744'073'709'551'615u);
  EXPECT_EQ(json.at("oom_kills").at(0).at("victim"), "task 4");
}

TEST(Summary, AddsUpOverZones) {
  const auto json = nlohmann::json::parse(summary_json(small_summary()));

  EXPECT_EQ(json.at("pages").at("served"), 1234);
  EXPECT_EQ(json.at("numa").at("miss"), 1234);
  EXPECT_EQ(json.at("nodes").at("0").at("zones").at("Normal").at("numa_foreign"), 1234);
  EXPECT_EQ(json.at("nodes").at("1").at("zones").at("Normal").at("numa_miss"), 1234);
}

}  // namespace
}  // namespace numasim::results
