#include "sim/sweep/expression.hpp"

#include <gtest/gtest.h>

namespace numasim::sweep {
namespace {

const std::vector<std::string> kNames{"kernel.hz", "kernel.era", "machine.nodes.0.cpus",
                                      "machine.nodes.1.cpus"};
const std::vector<Operand> kValues{250.0, std::string("2.6.24"), 4.0, std::monostate()};

/// "yes", "no", or what is wrong with the place of it.
std::string answer(std::string_view text) {
  const auto said = [](const BadExpression& bad) {
    return bad.what + " @" + std::to_string(bad.at);
  };
  const auto parsed = Expression::parse(text, kNames);
  if (const auto* bad = std::get_if<BadExpression>(&parsed)) return said(*bad);
  const auto holds = std::get<Expression>(parsed).holds(kValues);
  if (const auto* bad = std::get_if<BadExpression>(&holds)) return said(*bad);
  return std::get<bool>(holds) ? "yes" : "no";
}

TEST(Expression, ComparesNumbersAndTexts) {
  EXPECT_EQ(answer("kernel.hz == 250"), "yes");
  EXPECT_EQ(answer("kernel.hz != 250"), "no");
  EXPECT_EQ(answer("kernel.hz >= 250 and kernel.hz <= 250"), "yes");
  EXPECT_EQ(answer("kernel.era == '2.6.24'"), "yes");
  EXPECT_EQ(answer("machine.nodes.1.cpus == null"), "yes");
}

TEST(Expression, BindsTighterOperatorsFirst) {
  EXPECT_EQ(answer("2 + 3 * 4 == 14"), "yes");
  EXPECT_EQ(answer("(2 + 3) * 4 == 20"), "yes");
  EXPECT_EQ(answer("10 - 3 - 2 == 5"), "yes");
  EXPECT_EQ(answer("7 % 4 == 3 && 8 / 16 == 0.5"), "yes");
  EXPECT_EQ(answer("1 == 2 and 1 == 2 or 1 == 1"), "yes");
  EXPECT_EQ(answer("not 1 == 2"), "yes");
  EXPECT_EQ(answer("-kernel.hz < -249"), "yes");
}

TEST(Expression, StopsAtWhatDecides) {
  EXPECT_EQ(answer("false and 1 / 0 > 1"), "no");
  EXPECT_EQ(answer("true or 1 / 0 > 1"), "yes");
  EXPECT_EQ(answer("1 / 0 > 1"), "division by zero @2");
}

TEST(Expression, TakesTheLastStepOfANameIfItIsTheOnlyOne) {
  EXPECT_EQ(answer("hz == 250"), "yes");
  EXPECT_EQ(answer("cpus == 4"), "cpus could be machine.nodes.0.cpus or machine.nodes.1.cpus @0");
  EXPECT_EQ(answer("nodes.0.cpus == 4"), "yes");
}

TEST(Expression, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(answer("kernel.hx > 1"), "kernel.hx is not varied; did you mean kernel.hz? @0");
  EXPECT_EQ(answer("kernel.hz >"), "expected a number, a 'text' or the name of an axis @11");
  EXPECT_EQ(answer("(kernel.hz > 1"), "expected ')' @14");
  EXPECT_EQ(answer("kernel.hz > 1 1"), "expected an operator @14");
  EXPECT_EQ(answer("kernel.hz > 4GiB"),
            "a number has no unit here; it counts in the unit of the setting's key @13");
  EXPECT_EQ(answer("kernel.era > 3"), "'2.6.24' is not a number @11");
  EXPECT_EQ(answer("machine.nodes.1.cpus > 3"), "null is not a number @21");
  EXPECT_EQ(answer("'open"), "the text has no end @0");
  EXPECT_EQ(answer(""), "expected a number, a 'text' or the name of an axis @0");
}

TEST(Expression, RefusesWhatIsTooDeepOrTooLong) {
  EXPECT_EQ(answer(std::string(1000, '(') + "1" + std::string(1000, ')')), "it is too deep @65");
  EXPECT_EQ(answer(std::string(1000, '-') + "1"), "it is too deep @65");
  EXPECT_EQ(answer(std::string(5000, ' ')), "it is longer than 4096 @4096");
}

}  // namespace
}  // namespace numasim::sweep
