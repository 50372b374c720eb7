#include "sim/experiment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/experiment/trace_world.hpp"
#include "workloads/input_error.hpp"

namespace numasim {
namespace {

using test::FinishedRun;
using test::Row;
using test::TraceFolder;

/// What `run` throws, in the words of its message; the run directory must not be there.
std::string complaint(const TraceFolder& world, const Scenario& scenario) {
  RunOptions options;
  options.out = world.folder() / "run";
  try {
    run_experiment(scenario, options);
  } catch (const InputError& error) {
    EXPECT_FALSE(std::filesystem::exists(options.out));
    EXPECT_FALSE(std::filesystem::exists(world.folder() / "run.incomplete"));
    return error.what();
  }
  return "nothing";
}

TEST(Experiment, TasksDoTheirRecordsInOrderAndExit) {
  const TraceFolder world;
  const FinishedRun run(world.scenario(R"({"task":"a","op":"alloc","id":7,"count":10,"order":1}
{"task":"a","op":"sleep","duration_ns":1000000}
{"task":"a","op":"free","id":7,"count":10}
)"));

  EXPECT_EQ(run.stat("/pages/served"), 20);
  EXPECT_EQ(run.stat("/pages/freed"), 20);
  EXPECT_EQ(run.stat("/tasks/exited"), 2);
  EXPECT_EQ(run.stat("/records/carried_out"), 3);
  EXPECT_GE(run.stat("/end_ns"), 1'000'000);
}

TEST(Experiment, RecordsWithADateStartNotBeforeIt) {
  const TraceFolder world;
  const FinishedRun run(world.scenario(R"({"t":5000000,"task":"b","op":"compute","duration_ns":700}
)"));

  EXPECT_EQ(run.stat("/end_ns"), 5'000'700);
}

TEST(Experiment, AFreeWaitsForTheBlockOfAnotherTask) {
  const TraceFolder world;
  const FinishedRun run(world.scenario(R"({"task":"a","op":"sleep","duration_ns":3000000}
{"task":"a","op":"alloc","id":1,"order":2}
{"task":"b","op":"free","id":1}
{"task":"b","op":"alloc","id":1,"order":3}
)"));

  EXPECT_EQ(run.stat("/pages/served"), 4 + 8);
  EXPECT_EQ(run.stat("/pages/freed"), 4);
  EXPECT_GE(run.stat("/tasks/waiting_ns"), 3'000'000);
}

TEST(Experiment, FreeingABlockThatWasNotGotDoesNothing) {
  const TraceFolder world;
  const FinishedRun run(
      world.scenario(R"({"task":"a","op":"alloc","id":1,"order":11,"gfp":"GFP_ATOMIC"}
{"task":"a","op":"free","id":1}
)"));

  EXPECT_EQ(run.stat("/records/allocations_failed"), 1);
  EXPECT_EQ(run.stat("/pages/freed"), 0);
}

TEST(Experiment, AKilledTaskSkipsTheRestOfItsRecords) {
  const TraceFolder world;
  const FinishedRun run(world.scenario(R"({"task":"a","op":"map","region":"heap","pages":20000}
{"task":"a","op":"touch","region":"heap","pages":20000}
{"task":"a","op":"alloc","id":1}
{"task":"b","op":"free","id":1}
)"));

  EXPECT_EQ(run.stat("/tasks/killed"), 1);
  EXPECT_EQ(run.stat("/records/skipped"), 1);
  EXPECT_EQ(run.stat("/oom/kills"), 1);
  EXPECT_EQ(run.events(Row{{"kind", "oom_kill"}, {"detail", "a"}}).size(), 1u);
}

TEST(Experiment, TheTimeLimitEndsTheRun) {
  const TraceFolder world;
  const FinishedRun run(world.scenario(R"({"task":"a","op":"sleep","duration_ns":60000000000}
)",
                                       R"(, "run": {"time_limit_ns": "20ms"})"));

  EXPECT_EQ(run.stat("/end_ns"), 20'000'000);
  EXPECT_EQ(run.result().summary.at("ended_by"), "time limit");
}

TEST(Experiment, SamplesAtTheStartAtEachIntervalAndAtTheEnd) {
  const TraceFolder world;
  const FinishedRun run(world.scenario(R"({"task":"a","op":"sleep","duration_ns":25000000}
)",
                                       R"(, "run": {"sample_interval_ns": "10ms"})"));

  std::vector<std::string> dates;
  for (const Row& row : run.table("devices.csv")) dates.push_back(row.at("time_ns"));
  ASSERT_EQ(dates.size(), 4u);
  EXPECT_EQ(dates[0], "0");
  EXPECT_EQ(dates[1], "10000000");
  EXPECT_EQ(dates[2], "20000000");
  EXPECT_EQ(dates[3], std::to_string(run.stat("/end_ns")));
}

TEST(Experiment, RefusesAFreeByPfnWhenItStartsFromABoot) {
  const TraceFolder world;
  const Scenario scenario = world.scenario(R"({"task":"a","op":"free","pfn":700}
)");
  EXPECT_THAT(complaint(world, scenario),
              testing::EndsWith("trace.jsonl:2:31: /pfn: the run starts from a boot: nothing is in "
                                "use yet; name a state file in run.start_state"));
}

TEST(Experiment, RefusesOperationsThatTheSimulatedKernelDoesNotHave) {
  const TraceFolder world;
  const Scenario scenario = world.scenario(
      R"({"op":"task","name":"k","cpu":0,"kernel_thread":true}
{"task":"k","op":"map","region":"heap","pages":1}
{"task":"a","op":"map","region":"heap","pages":1000000000}
{"task":"a","op":"read","file":"f","first_page":16777216,"pages":1}
)");
  const std::string said = complaint(world, scenario);
  EXPECT_THAT(said, testing::HasSubstr("the kernel thread \"k\" has no address space"));
  EXPECT_THAT(said, testing::HasSubstr("expected a region of at most 2^28 pages"));
  EXPECT_THAT(said, testing::HasSubstr("expected a file of at most 2^24 pages"));
}

}  // namespace
}  // namespace numasim
