#include "sim/sweep/sampling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <set>

namespace numasim::sweep {
namespace {

const std::vector<std::string> kAxes{"a", "b", "c"};

/// How often each of `parts` equal parts of an axis is met.
std::vector<int> counts(const std::vector<std::vector<double>>& points, std::size_t axis,
                        std::size_t parts) {
  std::vector<int> met(parts);
  for (const auto& point : points)
    ++met.at(static_cast<std::size_t>(point[axis] * static_cast<double>(parts)));
  return met;
}

TEST(Sampling, LatinHypercubeHasOnePointInEachPartOfEachAxis) {
  const auto points = unit_points(SampleMethod::latin_hypercube, 100, kAxes, 7);
  for (std::size_t axis = 0; axis < kAxes.size(); ++axis)
    EXPECT_THAT(counts(points, axis, 100), testing::Each(1));
}

TEST(Sampling, SobolPutsOnePointInEachPartOfEveryPowerOfTwo) {
  const auto points = unit_points(SampleMethod::sobol, 1023, kAxes, 7);
  for (std::size_t axis = 0; axis < kAxes.size(); ++axis) {
    // The sequence begins with its second point, so one part in all is met once less.
    std::vector<int> met = counts(points, axis, 16);
    std::ranges::sort(met);
    EXPECT_EQ(met.front(), 63);
    EXPECT_THAT(std::vector(met.begin() + 1, met.end()), testing::Each(64));
  }
}

/// The first points in three dimensions, from the directions Joe and Kuo published.
TEST(Sampling, SobolIsTheSequenceOfJoeAndKuo) {
  boost::random::sobol sequence(3);
  const double published[7][3] = {
      {0.5, 0.5, 0.5},       {0.75, 0.25, 0.25},    {0.25, 0.75, 0.75},   {0.375, 0.375, 0.625},
      {0.875, 0.875, 0.125}, {0.625, 0.125, 0.875}, {0.125, 0.625, 0.375}};
  for (const auto& point : published)
    for (const double coordinate : point)
      EXPECT_DOUBLE_EQ(std::ldexp(static_cast<double>(sequence()), -64), coordinate);
}

TEST(Sampling, TheSeedAndTheAxisChooseTheStream) {
  for (const SampleMethod method :
       {SampleMethod::latin_hypercube, SampleMethod::sobol, SampleMethod::random}) {
    const auto points = unit_points(method, 20, {"a", "b"}, 1);
    EXPECT_EQ(points, unit_points(method, 20, {"a", "b"}, 1)) << to_string(method);
    EXPECT_NE(points, unit_points(method, 20, {"a", "b"}, 2)) << to_string(method);
    EXPECT_NE(points, unit_points(method, 20, {"a", "c"}, 1)) << to_string(method);
  }
}

TEST(Sampling, MorePointsOfSobolAndRandomKeepTheFirstOnes) {
  for (const SampleMethod method : {SampleMethod::sobol, SampleMethod::random}) {
    const auto few = unit_points(method, 10, kAxes, 3);
    auto many = unit_points(method, 50, kAxes, 3);
    many.resize(10);
    EXPECT_EQ(few, many) << to_string(method);
  }
}

TEST(Sampling, ALinearRangeGivesEachOfItsNumbersAnEqualShare) {
  const NumberRange range{.from = 10, .to = 25, .step = 5};
  EXPECT_EQ(number_at(range, 0), Whole{10});
  EXPECT_EQ(number_at(range, 0.2499), Whole{10});
  EXPECT_EQ(number_at(range, 0.25), Whole{15});
  EXPECT_EQ(number_at(range, 0.999999), Whole{25});
}

TEST(Sampling, ARangeStaysBelowItsEndWhenTheStepDoesNotMeetIt) {
  const NumberRange range{.from = 0, .to = 7, .step = 4};
  std::set<Whole> met;
  for (int i = 0; i < 100; ++i) met.insert(number_at(range, i / 100.0));
  EXPECT_EQ(met, (std::set<Whole>{0, 4}));
}

TEST(Sampling, ALogarithmicRangeGivesEachDecadeAnEqualShare) {
  const NumberRange range{.from = 1, .to = 1'000'000, .scale = Scale::logarithmic};
  EXPECT_EQ(number_at(range, 0), Whole{1});
  EXPECT_EQ(number_at(range, 0.5), Whole{1000});
  EXPECT_EQ(number_at(range, 1.0 / 3), Whole{100});
  EXPECT_LE(number_at(range, 0.9999999), Whole{1'000'000});
}

TEST(Sampling, RangesReachAcrossAllOf64Bits) {
  const NumberRange range{.from = 0, .to = (Whole{1} << 64) - 1};
  EXPECT_EQ(number_at(range, 0.5), Whole{1} << 63);
  EXPECT_LE(number_at(range, std::nextafter(1.0, 0.0)), range.to);
}

}  // namespace
}  // namespace numasim::sweep
