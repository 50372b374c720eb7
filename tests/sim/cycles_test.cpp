#include "sim/hardware/cycles.hpp"

#include <gtest/gtest.h>

namespace numasim {
namespace {

constexpr std::int64_t kHz = 2'399'999'999;

TEST(CyclesAsTime, AreTheSameWhetherWorkComesInOnePieceOrInParts) {
  std::int64_t rest_of_all = 0, rest_of_parts = 0;
  SimDuration parts{0};

  const SimDuration all = time_of(Cycles{7'000'000'000'000}, kHz, rest_of_all);
  for (int part = 0; part < 1'000; ++part)
    parts += time_of(Cycles{7'000'000'000}, kHz, rest_of_parts);

  EXPECT_EQ(all, parts);
  EXPECT_EQ(rest_of_all, rest_of_parts);
}

}  // namespace
}  // namespace numasim
