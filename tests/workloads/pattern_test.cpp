#include "workloads/generate/pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_reader.hpp"
#include "workloads/trace_stat.hpp"

namespace numasim::trace {
namespace {

using std::chrono::microseconds;
using test::TemporaryFolder;
using testing::IsEmpty;

const Pattern kTwoPhases{
    .regions = {{.name = "a", .length = PageCount{10}},
                {.name = "b", .length = PageCount{1000}, .file = "f"}},
    .phases = {{.duration = microseconds(1000),
                .gap = microseconds(1),
                .accesses = {{.region = 0, .pages = PageCount{4}, .stride = PageCount{4}}}},
               {.duration = microseconds(4000),
                .gap = microseconds(1),
                .accesses = {{.region = 0, .share = 1, .write_percent = 100},
                             {.region = 1, .walk = Walk::random, .share = 3}}}}};

std::vector<Touch> touches(const Pattern& pattern, const TemporaryFolder& folder) {
  generate(pattern, 1, folder / "t");
  EXPECT_THAT(problems_of_trace(folder / "t", MachineLimits{1, 1}), IsEmpty());
  TraceReader reader(folder / "t");
  std::vector<Touch> all;
  while (const auto record = reader.next()) {
    if (const auto* touch = std::get_if<Touch>(&record->operation)) all.push_back(*touch);
  }
  return all;
}

TEST(Pattern, ASequentialWalkGoesOnAndRoundTheRegion) {
  const TemporaryFolder folder;
  Pattern pattern = kTwoPhases;
  pattern.phases.pop_back();
  const auto all = touches(pattern, folder);
  ASSERT_GT(all.size(), 500u);
  const std::vector<std::int64_t> expected = {0, 4, 8, 2, 6, 0};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(all[i].first, PageCount{expected[i]});
    EXPECT_EQ(all[i].count, PageCount{expected[i] == 8 ? 2 : 4});
    EXPECT_FALSE(all[i].write);
  }
}

TEST(Pattern, AccessesOfAPhaseHaveTheirShares) {
  const TemporaryFolder folder;
  Pattern pattern = kTwoPhases;
  pattern.phases.erase(pattern.phases.begin());
  std::size_t of_a = 0, writes = 0;
  const auto all = touches(pattern, folder);
  for (const Touch& touch : all) {
    of_a += touch.region == "a";
    writes += touch.write;
  }
  EXPECT_EQ(of_a, writes);
  EXPECT_NEAR(static_cast<double>(of_a), 0.25 * static_cast<double>(all.size()), 200);
}

TEST(Pattern, PhasesAreAsLongAsTheySayAndRepeat) {
  const TemporaryFolder folder;
  Pattern pattern = kTwoPhases;
  pattern.repeat = 3;
  generate(pattern, 1, folder / "t");
  EXPECT_EQ(statistics_of(folder / "t").last_date, SimTime(microseconds(15'000)));
}

TEST(Pattern, DocumentIsReadWithItsDefaults) {
  const TemporaryFolder folder;
  const Pattern pattern = read_pattern(
      folder.file("p", R"({"numasim_pattern":1,"regions":[{"name":"a","pages":9}],"phases":[
      {"duration_ns":7,"gap_ns":2,"accesses":[{"region":"a","pages":3,"walk":"random"}]}]})"));
  ASSERT_EQ(pattern.phases.size(), 1u);
  EXPECT_EQ(pattern.repeat, 1u);
  EXPECT_EQ(pattern.regions[0].length, PageCount{9});
  const PatternAccess& access = pattern.phases[0].accesses.at(0);
  EXPECT_EQ(access.walk, Walk::random);
  EXPECT_EQ(access.stride, PageCount{3});
  EXPECT_EQ(access.share, 1u);
  EXPECT_EQ(access.write_percent, 0u);
}

TEST(PatternError, EachFaultIsNamedWithItsPlace) {
  const TemporaryFolder folder;
  const auto why = [&](const std::string& text) {
    try {
      read_pattern(folder.file("p", text));
      return std::string("accepted");
    } catch (const InputError& error) {
      const std::string what = error.what();
      return what.substr(what.find("/p:") + 1);
    }
  };
  const std::string regions = R"("regions":[{"name":"a","pages":9}],)";
  const std::string head = R"({"numasim_pattern":1,)" + regions;
  const auto phase = [](const std::string& accesses) {
    return R"("phases":[{"duration_ns":7,"gap_ns":2,"accesses":[)" + accesses + "]}]}";
  };
  EXPECT_EQ(why(""),
            "p:1:1: expected an object, found the end of the file; "
            "the last line is cut off in the middle");
  EXPECT_EQ(why("{" + regions + phase(R"({"region":"a"})")),
            "p:1:1: the key \"numasim_pattern\" is missing");
  EXPECT_EQ(why(head + R"("phases":[]})"), "p:1:1: a pattern needs a phase");
  EXPECT_EQ(why(head + phase("")), "p:1:106: /phases/0/accesses: a phase needs an access");
  EXPECT_EQ(why(head + phase(R"({"region":"aa"})")),
            "p:1:117: /phases/0/accesses/0/region: expected a region named above, found \"aa\"; "
            "did you mean a?");
  EXPECT_EQ(why(head + phase(R"({"region":"a","walk":"by foot"})")),
            "p:1:128: /phases/0/accesses/0/walk: expected one of sequential random, "
            "found \"by foot\"");
  EXPECT_EQ(why(head + phase(R"({"region":"a","share":0})")),
            "p:1:129: /phases/0/accesses/0/share: expected an integer from 1 to 1000000, found 0");
  EXPECT_EQ(why(head + phase("{}")),
            "p:1:107: /phases/0/accesses/0: the key \"region\" is missing");
  EXPECT_EQ(why(R"({"numasim_pattern":1,"regions":[{"name":"a","pages":9},{"name":"a"}]})"),
            "p:1:64: /regions/1/name: a region of this name stands above");
}

}  // namespace
}  // namespace numasim::trace
