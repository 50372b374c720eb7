#include "sim/run/trace_feed.hpp"

#include <gtest/gtest.h>

#include "tests/experiment/trace_world.hpp"

namespace numasim {
namespace {

using test::TraceFolder;

TraceFeed feed_of(const Scenario& scenario) {
  return {scenario.workload.trace, survey_trace(scenario, std::nullopt)};
}

std::string sleeps(std::string_view task, int from_ms, int count) {
  std::string records;
  for (int i = 0; i < count; ++i) {
    records += R"({"t":)" + std::to_string((from_ms + i) * 1'000'000L) + R"(,"task":")" +
               std::string(task) + R"(","op":"sleep","duration_ns":1})" + "\n";
  }
  return records;
}

TEST(TraceFeed, HandsEachTaskItsOwnRecords) {
  const TraceFolder world;
  TraceFeed feed = feed_of(world.scenario(R"({"task":"a","op":"drain"}
{"task":"b","op":"exit"}
)"));

  EXPECT_TRUE(std::holds_alternative<Step>(feed.next(1, SimTime{})));
  EXPECT_TRUE(std::holds_alternative<TraceFeed::NoMore>(feed.next(1, SimTime{})));
  EXPECT_TRUE(std::holds_alternative<Step>(feed.next(0, SimTime{})));
  EXPECT_TRUE(std::holds_alternative<TraceFeed::NoMore>(feed.next(0, SimTime{})));
}

TEST(TraceFeed, MakesATaskWithDatesWaitWhenManyRecordsOfOthersLieReady) {
  const TraceFolder world;
  TraceFeed feed = feed_of(world.scenario(sleeps("a", 1, 10'000) + sleeps("b", 20'000, 1)));

  const TraceFeed::Next answer = feed.next(1, SimTime{});

  ASSERT_TRUE(std::holds_alternative<TraceFeed::NotBefore>(answer));
  EXPECT_EQ(std::get<TraceFeed::NotBefore>(answer).date, SimTime{SimDuration{4'096'000'000}});
  EXPECT_TRUE(std::holds_alternative<Step>(feed.next(0, SimTime{})));
}

TEST(TraceFeed, ReadsOnForATaskThatNeedNotWaitForADate) {
  const TraceFolder world;
  TraceFeed feed =
      feed_of(world.scenario(sleeps("a", 1, 10'000) + R"({"task":"b","op":"drain"})" + "\n"));

  EXPECT_TRUE(std::holds_alternative<Step>(feed.next(1, SimTime{})));
}

TEST(TraceFeed, BindsIdsInTheOrderOfTheFile) {
  const TraceFolder world;
  TraceFeed feed = feed_of(world.scenario(R"({"task":"a","op":"alloc","id":5,"count":4}
{"task":"b","op":"free","id":6,"count":2}
{"task":"a","op":"alloc","id":6}
{"task":"b","op":"free","id":5,"count":2}
)"));

  const Step first = std::get<Step>(feed.next(0, SimTime{}));
  const Step second = std::get<Step>(feed.next(0, SimTime{}));
  const Step middle = std::get<Step>(feed.next(1, SimTime{}));
  const Step both = std::get<Step>(feed.next(1, SimTime{}));

  ASSERT_EQ(middle.released.size(), 1u);
  EXPECT_EQ(middle.released[0].allocation, first.allocation);
  EXPECT_EQ(middle.released[0].first, 1u);
  EXPECT_EQ(middle.released[0].count, 2u);
  ASSERT_EQ(both.released.size(), 2u);
  EXPECT_EQ(both.released[0].allocation, first.allocation);
  EXPECT_EQ(both.released[1].allocation, second.allocation);
}

TEST(TraceFeed, BlocksOfATaskThatIsGoneCountAsFailed) {
  const TraceFolder world;
  TraceFeed feed = feed_of(world.scenario(R"({"task":"a","op":"drain"}
{"task":"a","op":"alloc","id":1,"count":2}
{"task":"b","op":"free","id":1,"count":2}
)"));
  feed.next(0, SimTime{});

  feed.abandon(0);

  const Step free = std::get<Step>(feed.next(1, SimTime{}));
  ASSERT_TRUE(free.released[0].allocation->answer(1).has_value());
  EXPECT_FALSE(free.released[0].allocation->answer(1)->pfn.has_value());
  EXPECT_EQ(feed.skipped(0), 1u);
}

}  // namespace
}  // namespace numasim
