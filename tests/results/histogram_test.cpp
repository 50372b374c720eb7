#include "sim/results/histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace numasim::results {
namespace {

std::int64_t exact_quantile(std::vector<std::int64_t> values, int per_mille) {
  std::ranges::sort(values);
  const std::size_t rank = (values.size() * static_cast<std::size_t>(per_mille) + 999) / 1000;
  return values[rank - 1];
}

Histogram histogram_of(const std::vector<std::int64_t>& values) {
  Histogram histogram;
  for (const std::int64_t value : values) histogram.add(value);
  return histogram;
}

TEST(Histogram, IsZeroThroughoutWhenNothingWasAdded) {
  const Histogram empty;

  EXPECT_EQ(empty.count(), 0);
  EXPECT_EQ(empty.quantile(500), 0);
  EXPECT_EQ(empty.max(), 0);
}

TEST(Histogram, CountsSmallValuesExactly) {
  std::vector<std::int64_t> values;
  for (std::int64_t value = 0; value < 256; ++value) values.push_back(value);

  const Histogram histogram = histogram_of(values);

  for (int per_mille = 1; per_mille <= 1000; ++per_mille)
    EXPECT_EQ(histogram.quantile(per_mille), exact_quantile(values, per_mille)) << per_mille;
}

TEST(Histogram, TellsTheMaximumExactlyUpToTheLargestInteger) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

  const Histogram histogram = histogram_of({0, kLargest});

  EXPECT_EQ(histogram.max(), kLargest);
  EXPECT_EQ(histogram.quantile(1000), kLargest);
  EXPECT_EQ(histogram.quantile(500), 0);
}

RC_GTEST_PROP(Histogram, IsNeverBelowTheExactQuantileAndAtMostA256thAbove, ()) {
  const auto bits = *rc::gen::inRange(1, 50);
  const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
      rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << bits)));
  const int per_mille = *rc::gen::inRange(1, 1001);

  const Histogram histogram = histogram_of(values);

  const std::int64_t exact = exact_quantile(values, per_mille);
  RC_ASSERT(histogram.quantile(per_mille) >= exact);
  RC_ASSERT(histogram.quantile(per_mille) - exact <= exact / 256);
  RC_ASSERT(histogram.count() == static_cast<std::int64_t>(values.size()));
}

}  // namespace
}  // namespace numasim::results
