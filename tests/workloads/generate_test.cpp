#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/generate/kinds.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_stat.hpp"

namespace numasim::trace {
namespace {

using test::content_of;
using test::TemporaryFolder;
using testing::IsEmpty;

class EveryKind : public testing::TestWithParam<WorkloadKind> {
 protected:
  std::filesystem::path made(std::uint64_t seed, const Values& values) const {
    const auto file = folder_ / ("t" + std::to_string(seed) + ".jsonl");
    generate(GetParam(), values, seed, file);
    return file;
  }
  std::filesystem::path made(std::uint64_t seed) const {
    return made(seed, Values(GetParam().parameters));
  }

  TemporaryFolder folder_;
};

TEST_P(EveryKind, MakesAValidTraceForOneCpu) {
  EXPECT_THAT(problems_of_trace(made(1), MachineLimits{.cpus = 1, .nodes = 1}), IsEmpty());
}

TEST_P(EveryKind, SameSeedSameBytes) {
  const std::string once = content_of(made(7));
  EXPECT_EQ(once, content_of(made(7)));
  EXPECT_GT(once.size(), 100u);
}

TEST_P(EveryKind, ParametersAreInRangeAndNamedOnce) {
  std::set<std::string_view> names;
  for (const Parameter& parameter : GetParam().parameters) {
    EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
    EXPECT_LE(parameter.least, parameter.otherwise) << parameter.name;
    EXPECT_LE(parameter.otherwise, parameter.most) << parameter.name;
    EXPECT_LT(parameter.least, parameter.most) << parameter.name;
    EXPECT_FALSE(parameter.help.empty()) << parameter.name;
  }
}

/// Each parameter alone at its least, and at four times its default, is valid as well.
TEST_P(EveryKind, EveryParameterMayChange) {
  for (const Parameter& parameter : GetParam().parameters) {
    for (const std::uint64_t value : {parameter.least, parameter.otherwise * 4 + 1}) {
      SCOPED_TRACE(std::string(parameter.name) + '=' + std::to_string(value));
      Values values(GetParam().parameters);
      values.set(parameter.name, std::min(value, parameter.most));
      EXPECT_THAT(problems_of_trace(made(1, values)), IsEmpty());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Generate, EveryKind, testing::ValuesIn(workload_kinds()),
                         [](const auto& kind) { return std::string(kind.param.name); });

const WorkloadKind& kind(std::string_view name) {
  for (const WorkloadKind& candidate : workload_kinds()) {
    if (candidate.name == name) return candidate;
  }
  std::abort();
}

/// Statistics of a kind made with some values.
TraceStatistics statistics(std::string_view name,
                           const std::vector<std::pair<std::string_view, std::uint64_t>>& given,
                           std::uint64_t seed = 1) {
  const TemporaryFolder folder;
  Values values(kind(name).parameters);
  for (const auto& [parameter, value] : given) values.set(parameter, value);
  generate(kind(name), values, seed, folder / "t.jsonl.gz");
  return statistics_of(folder / "t.jsonl.gz");
}

TEST(GenerateFill, EveryTaskTouchesItsPagesAndGivesThemBack) {
  const auto all = statistics("fill", {{"tasks", 3}, {"pages", 1000}, {"chunk_pages", 300}});
  EXPECT_EQ(all.touched_pages, 3000u);
  EXPECT_EQ(all.peak_live_pages, PageCount{3000});
  EXPECT_EQ(all.records, 3u * (1 + 4 + 1 + 1));
  EXPECT_EQ(all.dated, 0u);
}

TEST(GenerateFill, StepsHaveDatesWhenAGapIsAskedFor) {
  const auto all =
      statistics("fill", {{"pages", 1000}, {"chunk_pages", 300}, {"gap_ns", 50}, {"rounds", 2}});
  EXPECT_EQ(all.dated, all.records);
  EXPECT_EQ(all.last_date, SimTime(SimDuration(8 * 50)));
}

}  // namespace
}  // namespace numasim::trace
