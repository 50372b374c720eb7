#include "sim/validation/verdict.hpp"

#include <gtest/gtest.h>

namespace numasim::validation {
namespace {

using Kind = Target::Kind;

bool passes(const Target& target, Reading recorded, Reading simulated,
            const std::optional<Band>& band = std::nullopt) {
  return judge("s", {.name = "q", .read = {}, .target = target, .between = {}}, recorded, simulated,
               band)
      .passed;
}

TEST(Verdict, ExactTakesTheValueItself) {
  EXPECT_TRUE(passes({.kind = Kind::exact}, 3, 3));
  EXPECT_FALSE(passes({.kind = Kind::exact}, 3, 4));
}

TEST(Verdict, RelativeCountsInPercentOfTheRecordedValueOrOfAWhole) {
  const Target relative{.kind = Kind::relative, .width = 5};
  EXPECT_TRUE(passes(relative, 100, 105));
  EXPECT_FALSE(passes(relative, 100, 94.9));
  EXPECT_TRUE(passes(relative, 0, 0));
  EXPECT_FALSE(passes(relative, 0, 1));
  const Target of_all{.kind = Kind::relative, .width = 0.2, .of = 10'000};
  EXPECT_TRUE(passes(of_all, 5, 25));
  EXPECT_FALSE(passes(of_all, 5, 26));
}

TEST(Verdict, AbsoluteCountsUpAndDown) {
  EXPECT_TRUE(passes({.kind = Kind::absolute, .width = 3}, 10, 7));
  EXPECT_FALSE(passes({.kind = Kind::absolute, .width = 3}, 10, 14));
}

TEST(Verdict, FactorCountsBothWays) {
  const Target target{.kind = Kind::factor, .width = 1.5};
  EXPECT_TRUE(passes(target, 100, 150));
  EXPECT_TRUE(passes(target, 150, 100));
  EXPECT_FALSE(passes(target, 100, 151));
  EXPECT_FALSE(passes(target, 100, 66));
}

TEST(Verdict, MostLooksAtTheSimulatedValueAlone) {
  EXPECT_TRUE(passes({.kind = Kind::most, .width = 3}, std::nullopt, 3));
  EXPECT_FALSE(passes({.kind = Kind::most, .width = 3}, std::nullopt, 3.1));
}

TEST(Verdict, NothingIsRightOnlyWhereNothingWasRecorded) {
  EXPECT_TRUE(passes({.kind = Kind::exact}, std::nullopt, std::nullopt));
  EXPECT_FALSE(passes({.kind = Kind::exact}, 1, std::nullopt));
  EXPECT_FALSE(passes({.kind = Kind::exact}, std::nullopt, 1));
}

TEST(Verdict, ABandTakesThePlaceOfAPercentage) {
  const Target target{.kind = Kind::relative, .width = 15, .band = "allocstall"};
  const Band band{.low = 370, .high = 480, .median = 420};
  EXPECT_TRUE(passes(target, 433, 371, band));
  EXPECT_FALSE(passes(target, 433, 481, band));
}

TEST(Verdict, AFactorCountsFromTheMedianOfRecordedRepeats) {
  const Target target{.kind = Kind::factor, .width = 1.5, .band = "dr_sum_ms"};
  EXPECT_TRUE(passes(target, 860, 3900, Band{.low = 720, .high = 4500, .median = 3800}));
}

TEST(Table, AlignsItsColumns) {
  const std::string text = table_text(
      {judge("clean1", {.name = "wakes", .read = {}}, 175, 175, {}), not_run("odd", "no program")});
  EXPECT_EQ(
      text,
      "scenario  quantity                       recorded  simulated  error  target  verdict\n"
      "clean1    wakes                               175        175     +0  exact   passed\n"
      "odd       cannot be run yet: no program         -          -      -  -       FAILED\n");
}

}  // namespace
}  // namespace numasim::validation
