#include "sim/sweep/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/sweep/folder.hpp"

namespace numasim::sweep {
namespace {

using test::points_of;
using testing::ElementsAre;

class Plan : public testing::Test {
 protected:
  std::vector<std::string> points(std::string_view keys) const {
    return points_of(folder_.plan(keys));
  }
  std::vector<std::string> ids(std::string_view keys) const {
    std::vector<std::string> ids;
    const SweepPlan plan = folder_.plan(keys);
    for (const PlannedRun& run : plan.runs()) ids.push_back(run.id);
    return ids;
  }
  std::vector<std::uint64_t> seeds(std::string_view keys) const {
    std::vector<std::uint64_t> seeds;
    const SweepPlan plan = folder_.plan(keys);
    for (const PlannedRun& run : plan.runs()) seeds.push_back(run.seed);
    return seeds;
  }

  test::SweepFolder folder_;
};

TEST_F(Plan, AGridIsEveryCombinationWithTheLastAxisFastest) {
  EXPECT_THAT(points(R"("grid": {"kernel.min_free_kbytes": [512, "1MiB"],
                                 "kernel.hz": [100, 250, 1000]})"),
              ElementsAre("512 100", "512 250", "512 1000", "1024 100", "1024 250", "1024 1000"));
}

TEST_F(Plan, ZippedAxesGoInStep) {
  EXPECT_THAT(points(R"("zip": {"kernel.min_free_kbytes": [512, 1024], "kernel.hz": [100, 250]})"),
              ElementsAre("512 100", "1024 250"));
}

TEST_F(Plan, GridAndZipsAreCombined) {
  EXPECT_THAT(points(R"("grid": {"kernel.hz": [100, 250]},
                        "zip": [{"machine.cpu_hz": ["1GHz", "2GHz"]}])"),
              ElementsAre("100 1000000000", "100 2000000000", "250 1000000000", "250 2000000000"));
}

TEST_F(Plan, ASeriesGoesByStepsOrFactors) {
  EXPECT_THAT(points(R"("grid": {"kernel.min_free_kbytes": {"from": 512, "to": "2MiB",
                                                            "step": 768}})"),
              ElementsAre("512", "1280", "2048"));
  EXPECT_THAT(points(R"("grid": {"kernel.min_free_kbytes": {"from": 500, "to": 5000,
                                                            "factor": 2}})"),
              ElementsAre("500", "1000", "2000", "4000"));
}

TEST_F(Plan, ASampleStaysOnTheStepsOfItsRanges) {
  const SweepPlan plan = folder_.plan(R"("sample": {"method": "sobol", "points": 16, "axes": {
      "machine.nodes.0.memory_bytes": {"from": "64MiB", "to": "128MiB", "step": "1MiB"},
      "kernel.hz": [100, 250, 1000]}})");
  ASSERT_EQ(plan.points().size(), 16U);
  for (const Point& point : plan.points()) {
    EXPECT_EQ(point.values[0].get<std::uint64_t>() % (1U << 20), 0U);
    EXPECT_THAT((std::vector{100, 250, 1000}), testing::Contains(point.values[1].get<int>()));
  }
}

TEST_F(Plan, PointsThatDoNotFulfilTheConstraintsAreLeftOut) {
  const SweepPlan plan = folder_.plan(R"("grid": {"kernel.min_free_kbytes": [512, 1024, "2MiB"],
      "kernel.hz": [100, 250]},
      "constraints": ["min_free_kbytes > 512", "hz * 10 > min_free_kbytes"])");
  EXPECT_THAT(points_of(plan), ElementsAre("1024 250", "2048 250"));
  EXPECT_EQ(plan.points_left_out(), 4U);
}

TEST_F(Plan, RepeatKHasTheSameSeedAtEveryPoint) {
  EXPECT_THAT(seeds(R"("grid": {"kernel.hz": [100, 250]}, "repeats": 3)"),
              ElementsAre(1, 2, 3, 1, 2, 3));
  const SweepPlan later = folder_.plan(R"("repeats": 2)", {}, 40);
  EXPECT_EQ(later.runs()[1].seed, 41U);
}

TEST_F(Plan, IndependentSeedsDifferAndStayWhenPointsAreAdded) {
  const auto few = seeds(R"("grid": {"kernel.hz": [100, 250]}, "repeats": 2,
                            "seeds": "independent")");
  const auto more = seeds(R"("grid": {"kernel.hz": [1000, 100, 250]}, "repeats": 2,
                             "seeds": "independent")");
  EXPECT_EQ(std::set(few.begin(), few.end()).size(), 4U);
  EXPECT_EQ(few, std::vector(more.begin() + 2, more.end()));
}

TEST_F(Plan, ARunKeepsItsIdWhenPointsAreAdded) {
  const auto few = ids(R"("grid": {"kernel.hz": [100, 250]})");
  const auto more = ids(R"("grid": {"kernel.hz": [1000, 100, 250]}, "description": "more")");
  EXPECT_EQ(few, std::vector(more.begin() + 1, more.end()));
}

TEST_F(Plan, EqualScenariosShareAnIdHoweverTheyAreSaid) {
  const auto same = ids(R"("grid": {"kernel.min_free_kbytes": [1024, "1MiB"]})");
  EXPECT_EQ(same[0], same[1]);
  EXPECT_EQ(same[0].size(), 16U);
}

TEST_F(Plan, TheIdHangsOnTheTraceNotOnWhereItIs) {
  const auto before = ids("");
  folder_.file("copy.jsonl", test::content_of(folder_ / "t.jsonl"));
  EXPECT_EQ(ids(R"("set": {"workload.trace": "copy.jsonl"})"), before);
  folder_.file("t.jsonl", test::content_of(folder_ / "t.jsonl") + "\n");
  EXPECT_NE(ids(""), before);
}

TEST_F(Plan, SetChangesEveryRunAndOverridesTheBase) {
  const SweepPlan plan =
      folder_.plan(R"("set": {"kernel.hz": 250}, "grid": {"machine.cpu_hz": ["1GHz"]})",
                   {"kernel.min_free_kbytes=2048"});
  const Scenario scenario = plan.scenario_of(plan.runs().front(), "unused");
  EXPECT_EQ(scenario.kernel.hz, 250);
  EXPECT_EQ(scenario.machine.cpu_hz, 1'000'000'000);
  EXPECT_EQ(scenario.kernel.min_free_kbytes, 2048);
}

TEST_F(Plan, WithoutAxesThereIsOnePoint) { EXPECT_EQ(folder_.plan("").runs().size(), 1U); }

TEST_F(Plan, EveryFaultOfAFileIsToldAtOnceWithItsPlace) {
  EXPECT_THAT(
      folder_.faults(R"("grid": {"kernel.min_free_kbyte": [1]}, "repeat": 3, "seeds": "x")"),
      ElementsAre("w.json:1:49: /grid/kernel.min_free_kbyte: unknown setting "
                  "kernel.min_free_kbyte; did you mean kernel.min_free_kbytes?",
                  "w.json:1:80: /repeat: unknown key; did you mean repeats?",
                  R"(w.json:1:102: /seeds: expected one of "common", "independent", )"
                  R"(found "x")"));
}

TEST_F(Plan, AValueOutOfRangeIsToldOnceWhateverTheNumberOfPoints) {
  EXPECT_THAT(folder_.faults(R"("grid": {"kernel.hz": [100, 250], "machine.cpu_hz": [1, "2GHz"]})"),
              ElementsAre("w.json:1:93: /machine/cpu_hz: expected a value in 1MHz..100GHz, "
                          "found 1"));
}

TEST_F(Plan, RefusesAxesThatMakeNoSense) {
  EXPECT_THAT(folder_.faults(R"("grid": {"seed": [1, 2]})"),
              ElementsAre(testing::HasSubstr("cannot be varied; use \"repeats\"")));
  EXPECT_THAT(folder_.faults(R"("grid": {"kernel": [1]})"),
              ElementsAre(testing::HasSubstr("it is a section")));
  EXPECT_THAT(folder_.faults(R"("grid": {"kernel.hz": [100]}, "zip": {"kernel.hz": [100]})"),
              ElementsAre(testing::HasSubstr("it is varied twice")));
  EXPECT_THAT(folder_.faults(R"("zip": {"kernel.hz": [100, 250], "machine.cpu_hz": ["1GHz"]})"),
              ElementsAre(testing::HasSubstr("expected 2 values, as kernel.hz has, found 1")));
  EXPECT_THAT(folder_.faults(R"("grid": {"kernel.hz": []})"),
              ElementsAre(testing::HasSubstr("expected a list of values")));
  EXPECT_THAT(
      folder_.faults(R"("grid": {"kernel.min_free_kbytes": {"from": 2, "to": 1, "step": 1}})"),
      ElementsAre(testing::HasSubstr("expected a number up to \"to\", found 2")));
  EXPECT_THAT(folder_.faults(R"("repeats": 100000000000)"),
              ElementsAre(testing::HasSubstr("expected a value in 1..200000")));
}

TEST_F(Plan, RefusesMoreRunsThanAnyoneMeans) {
  EXPECT_THAT(
      folder_.faults(R"("repeats": 200, "grid": {"kernel.min_free_kbytes":
                                {"from": 1000, "to": 9000, "step": 1}})"),
      ElementsAre(testing::HasSubstr("expected at most 200000 runs, found 1600200 or more")));
}

TEST_F(Plan, AConstraintsFaultHasItsPlace) {
  EXPECT_THAT(folder_.faults(R"("grid": {"kernel.hz": [100]}, "constraints": "hz > then")"),
              ElementsAre("w.json:1:91: /constraints: then is not varied; only what the sweep "
                          "varies can be used"));
}

}  // namespace
}  // namespace numasim::sweep
