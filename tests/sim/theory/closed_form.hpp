#pragma once
// A measured number beside the one that a formula gives.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <string>

namespace numasim {

/// Prints both and how far they are apart, and fails where that is more than `tolerance` of the
/// expected one.
inline void expect_closed_form(const std::string& what, double expected, double measured,
                               const std::string& unit, double tolerance = 1e-6) {
  const double deviation = expected == 0 ? measured : (measured - expected) / expected;
  std::printf("%-44s expected %12.4f %-6s measured %12.4f %-6s deviation %+.4f %%\n", what.c_str(),
              expected, unit.c_str(), measured, unit.c_str(), deviation * 100);
  EXPECT_LE(std::abs(deviation), tolerance) << what;
}

}  // namespace numasim
