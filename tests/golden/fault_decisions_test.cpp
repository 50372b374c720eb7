// Under fault injection every decision is as the booted kernel's was, with its random numbers.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "sim/conform/conform.hpp"

namespace numasim::conform {
namespace {

/// Where the large recordings are, if they are anywhere.
std::filesystem::path recordings() {
  if (const char* named = std::getenv("NUMASIM_RECORDINGS")) return named;
  return std::filesystem::path(NUMASIM_SOURCE_DIR).parent_path() / "shared";
}

class FaultDecisions : public testing::TestWithParam<const char*> {};

TEST_P(FaultDecisions, AreTheRecordedOnes) {
  const std::filesystem::path folder = recordings() / "kernel2624b" / GetParam();
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no recordings";
  std::ostringstream report;
  Verdicts verdicts({}, report);
  replay_file(folder, verdicts);
  EXPECT_EQ(verdicts.passes(), 1);
  EXPECT_EQ(verdicts.failures(), 0) << report.str();
  EXPECT_NE(report.str().find(": 1000 decisions exact"), std::string::npos) << report.str();
}

INSTANTIATE_TEST_SUITE_P(Of, FaultDecisions,
                         testing::Values("fault_all", "fault_defaults", "fault_int1_times25",
                                         "fault_int3_times25", "fault_int7", "fault_mino1",
                                         "fault_prob20", "fault_space500"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace numasim::conform
