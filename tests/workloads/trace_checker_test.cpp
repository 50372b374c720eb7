#include "workloads/trace_checker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/workloads/temporary_folder.hpp"

namespace numasim::trace {
namespace {

using test::TemporaryFolder;
using testing::ElementsAre;
using testing::IsEmpty;

/// Problems of a trace with tasks a (CPU 0) and b (CPU 1), as text without the file name.
std::vector<std::string> problems(const std::string& records,
                                  std::optional<MachineLimits> machine = std::nullopt) {
  const TemporaryFolder folder;
  const auto file =
      folder.file("t", R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":1}]})"
                       "\n" +
                           records);
  std::vector<std::string> texts;
  for (const Problem& problem : problems_of_trace(file, machine)) {
    texts.push_back(to_string(problem).substr(file.string().size() + 1));
  }
  return texts;
}

TEST(TraceChecker, AcceptsAnIdAgainAfterItsFree) {
  EXPECT_THAT(problems(R"({"task":"a","op":"alloc","id":1,"count":3}
{"task":"b","op":"free","id":2}
{"task":"a","op":"alloc","id":2}
{"task":"a","op":"free","id":1,"count":3}
)"),
              IsEmpty());
}

TEST(TraceChecker, TakesTheDeviceOfAFileFromItsFirstRecord) {
  EXPECT_THAT(problems(R"({"task":"a","op":"read","file":"f","pages":1,"device":"sdb"}
{"task":"b","op":"write","file":"f","pages":1}
{"task":"b","op":"write","file":"f","pages":1,"device":"sdb"}
{"task":"a","op":"map","region":"r","pages":1,"file":"f","device":"sda"}
{"task":"a","op":"read","file":"g","pages":1}
{"task":"a","op":"read","file":"g","pages":1,"device":"sdb"}
)"),
              ElementsAre("5:67: /device: the file \"f\" lies on \"sdb\" since its first record; "
                          "name the device in the first record of the file",
                          "7:55: /device: the file \"g\" lies on the first disk since its first "
                          "record; name the device in the first record of the file"));
}

TEST(TraceChecker, ReportsADeviceOfAnonymousMemory) {
  EXPECT_THAT(problems(R"({"task":"a","op":"map","region":"r","pages":1,"device":"sda"})"),
              ElementsAre("2:56: /device: only a region of a file lies on a device"));
}

TEST(TraceChecker, ReportsAnIdInUse) {
  EXPECT_THAT(problems(R"({"task":"a","op":"alloc","id":5}
{"task":"a","op":"alloc","id":3,"count":4}
)"),
              ElementsAre("3:31: /id: expected an id that is not in use, found 5; "
                          "an id is used again only after its free"));
}

TEST(TraceChecker, ReportsAFreeOfAnUnknownId) {
  EXPECT_THAT(problems(R"({"task":"a","op":"free","id":7})"),
              ElementsAre("2:30: /id: expected the id of an allocated block, found 7; "
                          "no alloc before has this id"));
}

TEST(TraceChecker, ReportsADoubleFree) {
  EXPECT_THAT(problems(R"({"task":"a","op":"alloc","id":1,"count":2}
{"task":"a","op":"free","id":2}
{"task":"b","op":"free","id":1,"count":2}
)"),
              ElementsAre("4:30: /id: expected the id of an allocated block, found 2; "
                          "it is freed already"));
}

TEST(TraceChecker, ReportsAStartStateBlockFreedTwice) {
  EXPECT_THAT(problems(R"({"task":"a","op":"free","pfn":64}
{"task":"a","op":"free","pfn":64}
)"),
              ElementsAre("3:31: /pfn: this block of the start state is freed already; "
                          "blocks allocated by the trace are freed by their id"));
}

TEST(TraceChecker, ReportsRegionsThatAreNotMapped) {
  EXPECT_THAT(problems(R"({"task":"a","op":"map","region":"heap","pages":9}
{"task":"a","op":"touch","region":"haep","pages":1}
{"task":"b","op":"touch","region":"heap","pages":1}
{"task":"b","op":"unmap","region":"heap"}
)"),
              ElementsAre("3:35: /region: expected a region this task has mapped, "
                          "found \"haep\"; did you mean heap?",
                          "4:35: /region: expected a region this task has mapped, found \"heap\"",
                          "5:35: /region: expected a region this task has mapped, "
                          "found \"heap\""));
}

TEST(TraceChecker, ReportsATouchBeyondTheRegion) {
  EXPECT_THAT(problems(R"({"task":"a","op":"map","region":"heap","pages":9}
{"task":"a","op":"touch","region":"heap","first_page":5,"pages":4}
{"task":"a","op":"touch","region":"heap","first_page":6,"pages":4}
)"),
              ElementsAre("4:65: /pages: touches page 9 of a region of 9 pages"));
}

TEST(TraceChecker, ReportsAMapOfAMappedRegion) {
  EXPECT_THAT(problems(R"({"task":"a","op":"map","region":"heap","pages":9}
{"task":"b","op":"map","region":"heap","pages":9}
{"task":"a","op":"map","region":"heap","pages":9}
)"),
              ElementsAre("4:33: /region: expected a region that is not mapped, found \"heap\"; "
                          "unmap it first"));
}

TEST(TraceChecker, ReportsOperationsAfterExit) {
  EXPECT_THAT(problems(R"({"task":"a","op":"exit"}
{"task":"a","op":"compute","duration_ns":1}
)"),
              ElementsAre("3:9: /task: the task \"a\" has exited before"));
}

TEST(TraceChecker, ReportsCpusAndNodesTheMachineLacks) {
  EXPECT_THAT(problems(R"({"op":"task","name":"c","cpu":2}
{"task":"a","op":"alloc","id":1,"node":2}
{"task":"a","op":"map","region":"r","pages":1,"policy":{"mode":"bind","nodes":[0,3]}}
{"task":"a","op":"trim_pageset","node":2,"zone":"DMA"}
)",
                       MachineLimits{.cpus = 2, .nodes = 2}),
              ElementsAre("2:31: /cpu: expected a CPU of the machine, 0 to 1, found 2",
                          "3:40: /node: expected a node of the machine, 0 to 1, found 2",
                          "4:56: /policy: expected a node of the machine, 0 to 1, found 3",
                          "5:40: /node: expected a node of the machine, 0 to 1, found 2"));
}

TEST(TraceChecker, ReportsTasksOfTheHeaderInTheHeader) {
  const TemporaryFolder folder;
  const auto file =
      folder.file("t", R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":7},)"
                       R"({"name":"c","cpu":1,"policy":{"mode":"bind","nodes":[0,3]}}]})"
                       "\n");
  std::vector<std::string> found;
  for (Problem& problem : problems_of_trace(file, MachineLimits{.cpus = 2, .nodes = 2})) {
    problem.file = "t";
    found.push_back(to_string(problem));
  }
  EXPECT_THAT(found,
              ElementsAre("t:1:68: /tasks/1/cpu: expected a CPU of the machine, 0 to 1, found 7",
                          "t:1:100: /tasks/2/policy: expected a node of the machine, 0 to 1, "
                          "found 3"));
}

TEST(TraceChecker, ReportsATaskBeforeTheBadLineBelowIt) {
  EXPECT_THAT(problems("{\"op\":\"task\",\"name\":\"c\",\"cpu\":2}\nnonsense\n",
                       MachineLimits{.cpus = 2, .nodes = 2}),
              ElementsAre(testing::HasSubstr("2:31: /cpu"), testing::HasSubstr("3:1: expected")));
}

TEST(TraceChecker, CollectsProblemsOfBothKindsInFileOrder) {
  EXPECT_THAT(problems(R"({"task":"a","op":"free","id":7}
{"task":"a","op":"free"}
)"),
              ElementsAre(testing::HasSubstr("2:30: /id"), testing::HasSubstr("3:1: the key")));
}

TEST(TraceChecker, AcceptsTheExampleOfTheFormatDescription) {
  const std::string document =
      test::content_of(std::filesystem::path(NUMASIM_SOURCE_DIR) / "workloads/FORMAT.md");
  const std::size_t begin = document.find("{\"numasim_trace\"");
  const std::string example = document.substr(begin, document.find("```", begin) - begin);
  const TemporaryFolder folder;
  EXPECT_THAT(problems_of_trace(folder.file("t", example), MachineLimits{2, 2}), IsEmpty());
}

TEST(IdSet, JoinsAndSplitsIntervals) {
  IdSet ids;
  ids.add(10, 5);
  ids.add(20, 5);
  ids.add(15, 5);
  EXPECT_EQ(ids.intervals(), 1u);
  ids.remove(12, 3);
  EXPECT_EQ(ids.intervals(), 2u);
  EXPECT_EQ(ids.leading_members(10, 9), 2u);
  EXPECT_EQ(ids.leading_gaps(12, 9), 3u);
  EXPECT_TRUE(ids.contains(15));
  EXPECT_FALSE(ids.contains(25));
}

TEST(TraceChecker, KnowsTheTasksAndRegionsThatSettingsAreChangedOf) {
  EXPECT_THAT(problems(R"({"task":"a","op":"wait","who":"a"}
{"task":"a","op":"oom_adj","who":"c","value":3}
{"task":"a","op":"mbind","region":"heap","policy":{"mode":"default"}}
{"op":"task","name":"d","cpu":0,"parent":"e"}
{"task":"a","op":"wait","who":"d","records":2}
)"),
              ElementsAre(
                  R"(2:31: /who: a task cannot wait for itself)",
                  R"(3:34: /who: expected a task declared before, found "c"; did you mean a?)",
                  R"(4:35: /region: expected a region this task has mapped, found "heap")",
                  R"(5:42: /parent: expected a task declared before, found "e"; did you mean a?)"));
}

TEST(TraceChecker, KnowsTheNodesAndCpusThatACpusetIsGiven) {
  EXPECT_THAT(problems(R"({"task":"a","op":"cpuset","cpuset":"/x","mems":[0,5]}
{"task":"a","op":"cpuset","cpuset":"/x","memory_pressure_enabled":true}
{"task":"a","op":"migrate_pages","from":[0],"to":[3]}
)",
                       MachineLimits{.cpus = 2, .nodes = 2})
                  .size(),
              3u);
}

}  // namespace
}  // namespace numasim::trace
