#include "sim/results/run_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/results/small_run.hpp"

namespace numasim::results {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A place of its own for each test.
class RunDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    place_ = fs::path(::testing::TempDir()) /
             ("run_directory." + std::to_string(getpid()) + '.' +
              ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(place_);
    fs::create_directory(place_);
  }
  void TearDown() override { fs::remove_all(place_); }

  static std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::set<std::string> names_in(const fs::path& directory) const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory))
      names.insert(entry.path().filename().string());
    return names;
  }

  std::string refusal(const fs::path& path, IfPresent if_present) const {
    try {
      RunDirectory directory(path, if_present, two_nodes(), "{}\n");
    } catch (const OutputError& error) {
      return error.what();
    }
    return "not refused";
  }

  fs::path place_;
};

RunSummary summary_of(EventTotals events, const RunDirectory& directory) {
  RunSummary summary;
  summary.scenario = "small";
  summary.seed = 7;
  summary.end = at(20ms);
  summary.ended_by = "all tasks ended";
  summary.outline = two_nodes();
  summary.events = std::move(events);
  summary.zones_at_end = directory.latest_zones();
  summary.devices = {{DeviceId{0}, 3, 40, Bytes{12288}, Bytes{163840}, 15ms}};
  summary.tasks = {{.id = TaskId{1},
                    .name = "writer",
                    .cpu = CpuId{1},
                    .end = at(20ms),
                    .ending = "exited",
                    .running = 5ms,
                    .memory = 1ms,
                    .runnable = 2ms,
                    .sleeping = 3ms,
                    .waits = {{"congestion:write", 2, 9ms}}}};
  summary.further = {{{"tasks", "ended"}, 2, "tasks that ran to their end"}};
  return summary;
}

/// Two samples, a direct reclaim, an OOM kill of a task with an awkward name, a congested disk.
void write_small_run(const fs::path& path, IfPresent if_present) {
  RunDirectory directory(path, if_present, two_nodes(), "{\"name\": \"small\"}\n");
  SimTime now{};
  EventLog log(
      two_nodes(), [&] { return now; }, [&](const EventRow& row) { directory.write(row); });
  const Task writer = task(1, "writer", 1);
  log.name_task(TaskId{2}, "hog, \"big\"");

  const std::vector<ZoneSample> full{
      {kDma0, {3000}, {}, {}, {}, {}, {}, {}, {4}, {-3}, {997, 1000}},
      {kNormal0, {8000}, {1}, {2}, {3}, {4}, {5}, {6}, {7}, {}, {8000}},
      {kNormal1, {7900}, {}, {}, {}, {}, {}, {}, {}, {}, {}}};
  directory.sample(now, full, std::vector<DeviceSample>{{DeviceId{0}, 0, 0, 0, false, false}},
                   {3000, 1}, requests_so_far(log));
  directory.sample(now, std::vector<CpusetSample>{{"/", 0}, {"/jail", 67}});
  directory.sample(now, std::vector<CpusetSample>{{"/", 1}});  // the same date: does not count
  log.on_printk([&](const Task&, const Event&) {
    directory.print("[    0.012000] writer invoked oom-killer\nMem-info:\n");
    return std::vector<std::string>{"writer invoked oom-killer"};
  });
  log.on(writer, event::PassBegin{GFP_USER, Order{0}, 0});
  log.on(writer, event::WatermarkTest{kNormal1, {112}, {80}, false});
  log.on(writer, event::DirectReclaimBegin{GFP_USER, Order{0}});
  now = at(10ms);
  log.on(writer, event::CongestionSet{DeviceId{0}, IoDirection::write});
  directory.sample(now, full, std::vector<DeviceSample>{{DeviceId{0}, 1, 120, 2, false, true}},
                   {2999, 2}, requests_so_far(log));
  now = at(12ms);
  log.on(writer, event::DirectReclaimEnd{GFP_USER, Order{0}, true, {32}});
  log.on(writer, event::OomKill{TaskId{2}, 99});
  log.on(writer, event::Allocated{GFP_USER, Order{0}, Pfn{5}, kNormal1, kNormal1});
  now = at(20ms);
  directory.sample(now, {}, {}, {});
  directory.sample(now, full, std::vector<DeviceSample>{{DeviceId{0}, 0, 119, 2, false, true}},
                   {2998, 3}, requests_so_far(log));
  directory.finish(summary_of(log.finish(now), directory), provenance_from_now({"numasim"}));
}

// After a wanted change of the files: NUMASIM_RECORD=1 writes the recorded bytes anew.
TEST_F(RunDirectoryTest, WritesTheRecordedBytes) {
  const fs::path golden = fs::path(NUMASIM_SOURCE_DIR) / "tests/results/golden_run";
  if (std::getenv("NUMASIM_RECORD")) {
    write_small_run(golden, IfPresent::replace);
    fs::remove(golden / "provenance.json");
  }

  write_small_run(place_ / "run", IfPresent::refuse);

  for (const std::string name :
       {"config.resolved.json", "zones.csv", "series.csv", "orders.csv", "devices.csv",
        "vmstat.csv", "requests.csv", "request_waits.csv", "placement.csv", "events.csv",
        "tasks.csv", "waits.csv", "locks.csv", "lock_waits.csv", "stats.txt", "summary.json",
        "cpusets.csv", "dmesg.txt"})
    EXPECT_EQ(text_of(place_ / "run" / name), text_of(golden / name)) << name;
  EXPECT_EQ(names_in(place_ / "run").size(), 19u);
}

TEST_F(RunDirectoryTest, MakesMissingParentsAndLeavesNothingBesideTheRun) {
  write_small_run(place_ / "a/b/run/", IfPresent::refuse);

  EXPECT_THAT(names_in(place_ / "a/b"), ElementsAre("run"));
}

TEST_F(RunDirectoryTest, LeavesNoTraceWhenTheRunDoesNotFinish) {
  { RunDirectory directory(place_ / "a/run", IfPresent::refuse, two_nodes(), "{}\n"); }

  EXPECT_THAT(names_in(place_), IsEmpty());
}

TEST_F(RunDirectoryTest, HasNoNameBeforeItIsFinished) {
  RunDirectory directory(place_ / "run", IfPresent::refuse, two_nodes(), "{}\n");
  directory.sample(at(0ms), {}, {}, {});

  EXPECT_THAT(names_in(place_), ElementsAre("run.incomplete"));
  EXPECT_FALSE(fs::exists(place_ / "run.incomplete/summary.json"));
}

TEST_F(RunDirectoryTest, KeepsWhatAnInterruptedRunHasWritten) {
  fs::path left;
  {
    RunDirectory directory(place_ / "run", IfPresent::refuse, two_nodes(), "{}\n");
    directory.sample(at(1ms), std::vector<ZoneSample>{{kDma0}}, {}, {});
    left = directory.leave_incomplete();
  }

  EXPECT_EQ(left, place_ / "run.incomplete");
  EXPECT_THAT(text_of(left / "series.csv"), HasSubstr("1000000,0,DMA,0,"));
  EXPECT_FALSE(fs::exists(left / "summary.json"));
  write_small_run(place_ / "run", IfPresent::refuse);
  EXPECT_THAT(names_in(place_), ElementsAre("run"));
}

TEST_F(RunDirectoryTest, RefusesAPlaceThatIsTaken) {
  write_small_run(place_ / "run", IfPresent::refuse);
  const std::string before = text_of(place_ / "run/series.csv");

  EXPECT_THAT(refusal(place_ / "run", IfPresent::refuse), HasSubstr("add --force"));
  EXPECT_EQ(text_of(place_ / "run/series.csv"), before);
  EXPECT_THAT(names_in(place_), ElementsAre("run"));
}

TEST_F(RunDirectoryTest, TakesAnEmptyDirectoryThatStands) {
  fs::create_directory(place_ / "run");

  write_small_run(place_ / "run", IfPresent::refuse);

  EXPECT_EQ(names_in(place_ / "run").size(), 19u);
}

TEST_F(RunDirectoryTest, ReplacesARunAndItsFigureButNothingElse) {
  write_small_run(place_ / "run", IfPresent::refuse);
  std::ofstream(place_ / "run/notes.md") << "mine";
  std::ofstream(place_ / "run/pressure.png") << "old";
  fs::create_directory(place_ / "run/report_figures");
  std::ofstream(place_ / "run/report_figures/latency.png") << "old";
  std::ofstream(place_ / "run/series.csv") << "old";

  write_small_run(place_ / "run", IfPresent::replace);

  EXPECT_EQ(text_of(place_ / "run/notes.md"), "mine");
  EXPECT_FALSE(fs::exists(place_ / "run/pressure.png"));
  EXPECT_FALSE(fs::exists(place_ / "run/report_figures"));
  EXPECT_THAT(text_of(place_ / "run/series.csv"), HasSubstr("free_pages"));
  EXPECT_EQ(names_in(place_ / "run").size(), 20u);
}

TEST_F(RunDirectoryTest, KeepsTheOldRunWhenTheNewOneDoesNotFinish) {
  write_small_run(place_ / "run", IfPresent::refuse);
  const auto before = names_in(place_ / "run");

  { RunDirectory directory(place_ / "run", IfPresent::replace, two_nodes(), "{}\n"); }

  EXPECT_EQ(names_in(place_ / "run"), before);
}

TEST_F(RunDirectoryTest, NeverReplacesADirectoryThatIsNoRun) {
  std::ofstream(place_ / "series.csv") << "somebody's";

  EXPECT_THAT(refusal(place_, IfPresent::replace), HasSubstr("other files than a run's"));
  EXPECT_EQ(text_of(place_ / "series.csv"), "somebody's");
}

TEST_F(RunDirectoryTest, SaysWhyAPlaceCannotBeUsed) {
  std::ofstream(place_ / "file") << "x";

  EXPECT_THAT(refusal(place_ / "file", IfPresent::refuse), HasSubstr("not a directory"));
  EXPECT_THAT(refusal(place_ / "file/run", IfPresent::refuse), HasSubstr("Not a directory"));
  EXPECT_THAT(refusal("", IfPresent::refuse), HasSubstr("no name"));
  EXPECT_THAT(refusal("/dev/null/run", IfPresent::refuse), HasSubstr("/dev/null"));
}

TEST_F(RunDirectoryTest, TellsAFullDiskAtTheEnd) {
  OutputFile full("/dev/full");
  for (int i = 0; i < 100'000; ++i) full.text("rows and rows");

  EXPECT_THROW(full.close(), OutputError);
}

}  // namespace
}  // namespace numasim::results
