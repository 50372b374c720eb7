#include "sim/sweep/size.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace numasim::sweep {
namespace {

using testing::ElementsAre;

const SizeQuestion kQuestion{.setting = "kernel.min_free_kbytes",
                             .metric = "requests.failed",
                             .at_most = 5,
                             .quantile = 0.99,
                             .confidence = 0.95};

/// `within` runs of value 0 and `beyond` of value 100.
Evidence judged(std::size_t within, std::size_t beyond, std::size_t failed = 0) {
  std::vector<std::int64_t> values(within, 0);
  values.insert(values.end(), beyond, 100);
  return judge(kQuestion, values, failed);
}

/// The probability of at most `k` hits in `n` trials, term by term.
double at_most(std::size_t k, std::size_t n, double p) {
  double term = std::pow(1 - p, static_cast<double>(n)), sum = term;
  for (std::size_t i = 1; i <= k; ++i) {
    term *= static_cast<double>(n - i + 1) / static_cast<double>(i) * p / (1 - p);
    sum += term;
  }
  return sum;
}

TEST(Sizing, TheSeedsNeededAreThoseOfTheRuleOfThree) {
  EXPECT_EQ(seeds_needed(0.99, 0.95), 299U);
  EXPECT_EQ(seeds_needed(0.95, 0.95), 59U);
  EXPECT_EQ(seeds_needed(0.5, 0.5), 1U);
}

TEST(Sizing, AValueMeetsTheLimitWhenEnoughSeedsStayWithin) {
  EXPECT_EQ(judged(299, 0).verdict, Verdict::meets);
  EXPECT_EQ(judged(298, 1).verdict, Verdict::undecided);
  EXPECT_EQ(judged(471, 1).verdict, Verdict::undecided);
  EXPECT_EQ(judged(472, 1).verdict, Verdict::meets);
  EXPECT_EQ(judged(290, 10).verdict, Verdict::exceeds);
}

TEST(Sizing, WithFewerSeedsTheSampleDecides) {
  EXPECT_EQ(judged(100, 0).verdict, Verdict::meets);
  EXPECT_EQ(judged(99, 1).verdict, Verdict::meets);
  EXPECT_EQ(judged(98, 2).verdict, Verdict::exceeds);
  EXPECT_GT(judged(100, 0).share_upper, 0.01);
}

TEST(Sizing, AFailedRunCountsAsBeyondTheLimit) {
  const Evidence evidence = judged(298, 0, 2);
  EXPECT_EQ(evidence.exceeding, 2U);
  EXPECT_EQ(evidence.seeds, 300U);
  EXPECT_EQ(evidence.largest, std::nullopt);
  EXPECT_EQ(evidence.median, 0);
}

/// At the bound what was seen has just the probability that the confidence leaves over.
TEST(Sizing, TheBoundsAreThoseOfTheBinomialDistribution) {
  for (const auto& [seeds, exceeding] : {std::pair{50U, 0U}, {50U, 3U}, {300U, 20U}}) {
    const Evidence evidence = judged(seeds - exceeding, exceeding);
    EXPECT_NEAR(at_most(exceeding, seeds, evidence.share_upper), 0.05, 1e-9);
    if (exceeding == 0) continue;
    EXPECT_NEAR(1 - at_most(exceeding - 1, seeds, evidence.share_lower), 0.05, 1e-9);
  }
  EXPECT_EQ(judged(0, 20).share_upper, 1);
}

TEST(Sizing, TheQuantileOfAllSeedsIsBoundedByAnOrderStatisticIfThereAreEnough) {
  std::vector<std::int64_t> values;
  for (std::int64_t i = 1; i <= 1000; ++i) values.push_back(i);
  const Evidence evidence = judge(kQuestion, values, 0);
  EXPECT_EQ(evidence.median, 500);
  EXPECT_EQ(evidence.quantile, 990);
  ASSERT_TRUE(evidence.quantile_upper);
  const auto rank = static_cast<std::size_t>(*evidence.quantile_upper);
  // Of 1000 seeds fewer than `rank` are within the quantile when more than 1000 - rank are beyond.
  EXPECT_GE(1 - at_most(1000 - rank, 1000, 0.01), 0.95);
  EXPECT_LT(1 - at_most(1001 - rank, 1000, 0.01), 0.95);
  EXPECT_EQ(judged(298, 0).quantile_upper, std::nullopt);
  EXPECT_EQ(judged(299, 0).quantile_upper, 0);
}

/// Searches among values of which those marked 'x' meet the limit.
SizeSearch search(const std::string& values, std::size_t* calls = nullptr) {
  return find_smallest(values.size(), [&](std::size_t i) {
    if (calls != nullptr) ++*calls;
    return values[i] == 'x';
  });
}

TEST(Sizing, FindsTheSmallestValueWhereverItIs) {
  for (std::size_t first = 0; first < 20; ++first) {
    const std::string values = std::string(first, '.') + std::string(20 - first, 'x');
    const SizeSearch found = search(values);
    EXPECT_EQ(found.answer, first);
    EXPECT_TRUE(found.monotone);
  }
}

TEST(Sizing, TriesFewOfManyValuesAndEachOnce) {
  std::size_t calls = 0;
  const SizeSearch found = search(std::string(700, '.') + std::string(324, 'x'), &calls);
  EXPECT_EQ(found.answer, 700U);
  EXPECT_LE(calls, 16U);
  EXPECT_EQ(calls, found.tried.size());
}

TEST(Sizing, SaysWhenNoValueWillDo) {
  EXPECT_EQ(search("......").answer, std::nullopt);
  EXPECT_EQ(search(".").answer, std::nullopt);
  EXPECT_EQ(search("x").answer, 0U);
}

TEST(Sizing, SeesThatANeighbourDoesNotFit) {
  const SizeSearch above = search("....xx.xxxxxxxxx");
  EXPECT_FALSE(above.monotone);
  EXPECT_EQ(above.answer, 7U);
  const SizeSearch below = search("..x.xxxxx");
  EXPECT_FALSE(below.monotone);
  EXPECT_EQ(below.answer, 4U);
}

TEST(Sizing, SaysNotMonotoneWhenTheLargestValueFailsAndTheSmallestDoesNot) {
  const SizeSearch found = search("xxx...");
  EXPECT_EQ(found.answer, std::nullopt);
  EXPECT_FALSE(found.monotone);
}

TEST(Sizing, TryingEveryValueMissesNothing) {
  const std::string values = ".x..xx...xxx";
  const SizeSearch found = try_all(values.size(), [&](std::size_t i) { return values[i] == 'x'; });
  EXPECT_EQ(found.answer, 9U);
  EXPECT_FALSE(found.monotone);
  EXPECT_EQ(found.tried.size(), values.size());
}

}  // namespace
}  // namespace numasim::sweep
