// The core in place of a whole booted kernel: every allocation returns the page it returned then.

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

void expect_exact(const std::filesystem::path& folder) {
  std::ostringstream report;
  Verdicts verdicts({}, report);
  replay_file(folder, verdicts);
  EXPECT_EQ(verdicts.passes(), 1) << folder << '\n' << report.str();
  EXPECT_EQ(verdicts.failures(), 0);
}

/// Recordings of booted kernels, by era and name.
class RecordedKernels : public testing::TestWithParam<const char*> {};

TEST_P(RecordedKernels, AllocateTheSamePages) {
  const std::filesystem::path folder = recordings() / GetParam();
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no recordings";
  expect_exact(folder);
}

INSTANTIATE_TEST_SUITE_P(
    Machine, RecordedKernels,
    testing::Values("kernel2624/anon2", "kernel2624/anon2_order_z", "kernel2624/anon4slit",
                    "kernel2624/boot1x64", "kernel2624/boot2", "kernel2624/boot2x512",
                    "kernel2624/boot4", "kernel2624/boot4slit", "kernel2624/clean1",
                    "kernel2624/clean2", "kernel2624/cpuset_hog", "kernel2624/cpuset_hog_excl",
                    "kernel2624/cpuset_kern", "kernel2624/cpuset_kern_excl", "kernel2624/oom1",
                    "kernel2624/oom2", "kernel2624/pb9_anon2", "kernel2624/pb9_boot2",
                    "kernel2624/pb9_replay_frag", "kernel2624/pb9_replay_gen1",
                    "kernel2624/replay_atomic", "kernel2624/replay_frag", "kernel2624/replay_gen1",
                    "kernel2624/replay_gen2", "kernel2624/reserve0", "kernel2624b/csmove_mig1",
                    "kernel2624b/csspread2", "kernel2624b/mp_bind01_cpu1", "kernel2624b/mp_bind1",
                    "kernel2624b/mp_bind1_oom", "kernel2624b/mp_il2", "kernel2624b/mp_il2_full",
                    "kernel2624b/mp_il4", "kernel2624b/mp_pcil2", "kernel2624b/mp_pcpref1",
                    "kernel2624b/mp_pref1_full", "kernel2624b/mp_vil2", "kernel2624b/n2c2_anon4",
                    "kernel2624b/n2c2_boot", "kernel2624b/oom1_oc", "kernel2622/anon2",
                    "kernel2622/boot1x64", "kernel2622/boot2x256", "kernel2622/cpuset_hog",
                    "kernel2622/mp_il4", "kernel2622/oom1_oc", "kernel2622/replay_gen1"));

TEST(RecordedKernel, IsPassedOverWithoutAStream) {
  std::ostringstream report;
  Verdicts verdicts({}, report);
  replay_file(testing::TempDir(), verdicts);
  EXPECT_EQ(verdicts.passes() + verdicts.failures(), 0);
  EXPECT_NE(report.str().find("passed over"), std::string::npos);
}

}  // namespace
}  // namespace numasim::conform
