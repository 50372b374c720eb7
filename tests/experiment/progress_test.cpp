// What the user at the terminal is told while a run goes on.

#include "sim/progress.hpp"

#include <gtest/gtest.h>

namespace numasim {
namespace {

using namespace std::chrono_literals;

constexpr SimTime at(SimDuration since_start) { return SimTime{} + since_start; }

TEST(ProgressText, GoesByTheRecordsReadWhenThereIsNoLimit) {
  EXPECT_EQ(progress_text({.records = 1000, .time_limit = 0ns}, at(500ms), 250, 2s),
            "25% | 0.500 s simulated, 0.25 s per s | 125 records/s | 6 s to go");
}

TEST(ProgressText, GoesByTheTimeLimitWhenThatIsNearer) {
  EXPECT_EQ(progress_text({.records = 1000, .time_limit = 1s}, at(500ms), 250, 2s),
            "50% | 0.500 s simulated, 0.25 s per s | 125 records/s | 2 s to go");
}

TEST(ProgressText, SaysNothingOfTheRestBeforeAnythingIsDone) {
  EXPECT_EQ(progress_text({.records = 0, .time_limit = 0ns}, at(0ns), 0, 1s),
            "0% | 0.000 s simulated, 0 s per s | 0 records/s");
}

TEST(ProgressText, NeverSaysMoreThanAllIsDone) {
  EXPECT_EQ(progress_text({.records = 10, .time_limit = 0ns}, at(4s), 10, 4s),
            "100% | 4.000 s simulated, 1 s per s | 2 records/s | 0 s to go");
}

}  // namespace
}  // namespace numasim
