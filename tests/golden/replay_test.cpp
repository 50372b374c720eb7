// The replayers notice what differs, and refuse what is no recording.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "sim/conform/conform.hpp"
#include "workloads/input_error.hpp"

namespace numasim::conform {
namespace {

using testing::HasSubstr;

std::string golden(const std::string& file) {
  return std::string(NUMASIM_SOURCE_DIR) + "/tests/golden/2.6.24/" + file + ".jsonl.gz";
}

/// A file of this test, gone with it.
class OwnFile {
 public:
  explicit OwnFile(const std::string& text)
      : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".jsonl") {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~OwnFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The first lines of a recording, one of them changed. Lines count from 1.
std::string changed(const std::string& file, int lines, int line,
                    const std::function<void(Json&)>& change) {
  Recording recording(golden(file));
  std::string text;
  for (int i = 1; i <= lines && recording.next(); ++i) {
    Json record = recording.parse();
    if (i == 1) record.erase("cases");
    if (i == line) change(record);
    text += record.dump() + '\n';
  }
  return text;
}

struct Replayed {
  std::int64_t passed;
  std::int64_t failed;
  std::string report;
};

Replayed replay(const std::string& text, Selection selection = {}) {
  const OwnFile file(text);
  std::ostringstream report;
  Verdicts verdicts(std::move(selection), report);
  replay_file(file.path(), verdicts);
  return {verdicts.passes(), verdicts.failures(), report.str()};
}

std::string refusal(const std::string& text) {
  try {
    replay(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Replay, NoticesAWrongMarkAfterBoot) {
  const auto result =
      replay(changed("setup", 4, 3, [](Json& record) { record["result"]["zones"][0]["low"] = 1; }));
  EXPECT_EQ(result.passed, 2);
  EXPECT_EQ(result.failed, 1);
  EXPECT_THAT(result.report, HasSubstr("jsonl:3: case uma-16M, /zones/0/low"));
  EXPECT_THAT(result.report, HasSubstr("expected 1\n  actual   156"));
}

TEST(Replay, NoticesAWrongVerdict) {
  const auto result = replay(changed("watermark", 3, 2, [](Json& record) { record["ok"] = 1; }));
  EXPECT_EQ(result.failed, 1);
  EXPECT_THAT(result.report, HasSubstr("case 0, /ok"));
  EXPECT_EQ(replay(changed("cpuset", 3, 3, [](Json& record) { record["hardwall"] = 0; })).failed,
            1);
}

TEST(Replay, NoticesAWrongPageInAStream) {
  const auto truncated = [](Json& record) { record["ops"] = 400; };
  std::string text = changed("rmqueue", 403, 2, truncated);
  const auto exact = replay(text);
  EXPECT_EQ(exact.passed, 1);

  const std::size_t last_allocation = text.rfind("[\"a\"");
  text.replace(last_allocation, std::string::npos, "[\"a\",0,0,32,0,7]\n");
  const auto wrong = replay(text);
  EXPECT_EQ(wrong.failed, 1);
  EXPECT_THAT(wrong.report, HasSubstr("case s01-pcp-1cpu, op "));
  EXPECT_THAT(wrong.report, HasSubstr("expected 7\n"));
}

TEST(Replay, NoticesAWrongSnapshot) {
  const auto result = replay(
      changed("rmqueue", 504, 504, [](Json& record) { record["zones"][1]["pcp_lists"] = "0"; }));
  EXPECT_EQ(result.failed, 1);
  EXPECT_THAT(result.report, HasSubstr("op 500 snapshot /zones/1/pcp_lists"));
}

TEST(Replay, NoticesAStepThatIsMissingOrTooMany) {
  const auto one_less = replay(changed(
      "slowpath", 28, 28, [](Json& record) { record["steps"].erase(record["steps"].size() - 1); }));
  EXPECT_EQ(one_less.failed, 1);
  EXPECT_THAT(one_less.report, HasSubstr("expected \"no further step\""));
  const auto one_more = replay(changed("slowpath", 28, 28, [](Json& record) {
    record["steps"].push_back({{"sleep_ticks", 1}});
  }));
  EXPECT_EQ(one_more.failed, 1);
  EXPECT_THAT(one_more.report, HasSubstr("actual   \"no further step\""));
}

TEST(Replay, NoticesWrongReclaim) {
  const auto wrong_step =
      replay(changed("vmscan", 3, 2, [](Json& record) { record["events"][0][8] = 12; }));
  EXPECT_EQ(wrong_step.passed, 1);
  EXPECT_EQ(wrong_step.failed, 1);
  EXPECT_THAT(wrong_step.report, HasSubstr("case 0, step 0 /8"));
  const auto wrong_end = replay(
      changed("vmscan", 2, 2, [](Json& record) { record["after"][2]["prev_priority"] = 3; }));
  EXPECT_THAT(wrong_end.report, HasSubstr("case 0, /after/2/prev_priority"));
}

TEST(Replay, NoticesAWrongQueue) {
  const auto wrong_limit =
      replay(changed("congestion", 2, 2, [](Json& record) { record["off"] = 2; }));
  EXPECT_THAT(wrong_limit.report, HasSubstr("case 0, /off"));
  const auto wrong_run =
      replay(changed("congestion", 26, 26, [](Json& record) { record["ops"][6][5] = 0; }));
  EXPECT_EQ(wrong_run.passed, 24);
  EXPECT_THAT(wrong_run.report, HasSubstr("case 24, op 6"));
}

TEST(Replay, PlaysOnlyTheCaseAskedFor) {
  const std::string text = changed("setup", 4, 1, [](Json&) {});
  EXPECT_EQ(replay(text, {.family = {}, .case_name = "uma-16M", .stop_after = {}}).passed, 1);
  EXPECT_EQ(replay(text, {.family = "cpuset", .case_name = {}, .stop_after = {}}).passed, 0);
}

TEST(Replay, StopsAfterAsManyFailuresAsAskedFor) {
  std::string text = "{\"header\":1,\"family\":\"watermark\"}\n";
  for (int i = 0; i < 5; ++i)
    text +=
        R"({"nr_free":[0],"free_counter":9,"order":0,"mark":9,"lowmem_reserve":[0],"classzone":0,)"
        R"("alloc_flags":2,"ok":1})"
        "\n";
  EXPECT_EQ(replay(text, {.family = {}, .case_name = {}, .stop_after = 2}).failed, 2);
}

TEST(Replay, RefusesWhatIsNoRecording) {
  EXPECT_THAT(refusal(""), HasSubstr("expected a header line"));
  EXPECT_THAT(refusal("{\"family\":1\n"), HasSubstr("jsonl:1:"));
  EXPECT_THAT(refusal("{\"header\":1,\"family\":\"vm\"}\n"),
              HasSubstr("/family: expected a family of recordings, found \"vm\""));
  EXPECT_THAT(refusal("{\"header\":1,\"family\":\"cpuset\",\"cases\":2}\n"),
              HasSubstr("expected 2 cases, found 0"));
  EXPECT_THAT(refusal("{\"header\":1,\"family\":\"watermark\"}\n{\"order\":0}\n"),
              HasSubstr("jsonl:2: expected a record of the family's format"));
}

TEST(Replay, RefusesAFreeOfWhatIsNotAllocated) {
  std::string text = changed("rmqueue", 3, 1, [](Json&) {});
  EXPECT_THAT(refusal(text + "[\"f\",0,5,0,0]\n"), HasSubstr("jsonl:4: expected a record that"));
  EXPECT_THAT(refusal(text + "[\"d\",3]\n"), HasSubstr("no such CPU"));
}

TEST(Replay, NamesTheFileThatCannotBeRead) {
  std::ostringstream report;
  Verdicts verdicts({}, report);
  EXPECT_THROW(replay_file("/no/such/file", verdicts), FileError);
}

}  // namespace
}  // namespace numasim::conform
