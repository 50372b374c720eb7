// The core makes every recorded decision as the kernel made it.

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "sim/conform/conform.hpp"

namespace numasim::conform {
namespace {

std::filesystem::path golden(const std::string& era, const std::string& file) {
  return std::filesystem::path(NUMASIM_SOURCE_DIR) / "tests/golden" / era / (file + ".jsonl.gz");
}

/// Replays a recording and expects `cases` of it, all exact.
void expect_exact(const std::string& era, const std::string& file, std::int64_t cases) {
  std::ostringstream differences;
  Verdicts verdicts({}, differences);
  replay_file(golden(era, file), verdicts);
  EXPECT_EQ(verdicts.failures(), 0) << differences.str().substr(0, 4000);
  EXPECT_EQ(verdicts.passes(), cases);
}

TEST(Recordings24, BootLeavesTheSameZonesListsAndMarks) { expect_exact("2.6.24", "setup", 59); }
TEST(Recordings24, WatermarkTestAgrees) { expect_exact("2.6.24", "watermark", 5000); }
TEST(Recordings24, CpusetWallsAgree) { expect_exact("2.6.24", "cpuset", 3000); }
TEST(Recordings24, EveryAllocationReturnsTheSamePage) { expect_exact("2.6.24", "rmqueue", 10); }
TEST(Recordings24, LongStreamsReturnTheSamePages) { expect_exact("2.6.24", "rmqueue_long", 2); }
TEST(Recordings24, SlowPathTakesTheSameSteps) { expect_exact("2.6.24", "slowpath", 4732); }
TEST(Recordings24, ReclaimTakesTheSameSteps) { expect_exact("2.6.24", "vmscan", 900); }
TEST(Recordings24, RequestQueuesCongestAlike) { expect_exact("2.6.24", "congestion", 28); }

TEST(Recordings22, BootLeavesTheSameZonesListsAndMarks) { expect_exact("2.6.22", "setup", 64); }
TEST(Recordings22, WatermarkTestAgrees) { expect_exact("2.6.22", "watermark", 1500); }
TEST(Recordings22, CpusetWallsAgree) { expect_exact("2.6.22", "cpuset", 1000); }
TEST(Recordings22, EveryAllocationReturnsTheSamePage) { expect_exact("2.6.22", "rmqueue", 11); }
TEST(Recordings22, SlowPathTakesTheSameSteps) { expect_exact("2.6.22", "slowpath", 2730); }
TEST(Recordings22, ReclaimTakesTheSameSteps) { expect_exact("2.6.22", "vmscan", 300); }

}  // namespace
}  // namespace numasim::conform
