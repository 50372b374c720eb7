#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "allocator/random.hpp"
#include "tests/workloads/temporary_folder.hpp"
#include "workloads/generate/kinds.hpp"
#include "workloads/generate/zipf_distribution.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_stat.hpp"

namespace numasim::trace {
namespace {

using test::content_of;
using test::TemporaryFolder;
using testing::IsEmpty;
using testing::Pair;

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

TEST(GenerateOrders, LargerOrdersAreRarerByTheDecay) {
  const auto all = statistics("orders", {{"decay_percent", 25}, {"most_order", 2}});
  const auto& blocks = all.blocks_by_order;
  EXPECT_NEAR(4.0 * static_cast<double>(blocks[1]), static_cast<double>(blocks[0]), 1500);
  EXPECT_NEAR(4.0 * static_cast<double>(blocks[2]), static_cast<double>(blocks[1]), 800);
  EXPECT_EQ(blocks[3], 0u);
}

TEST(GenerateOrders, FreesBalanceAllocationsOnceThePagesAreThere) {
  const auto all = statistics("orders", {{"live_pages", 500}});
  EXPECT_GE(all.peak_live_pages, PageCount{500});
  EXPECT_LT(all.peak_live_pages, PageCount{508});
  EXPECT_EQ(all.unmatched_frees, 0u);
}

TEST(GenerateChurn, EveryProgramGivesItsKernelPagesBack) {
  const auto all = statistics("churn", {{"programs", 50}, {"table_pages", 3}});
  EXPECT_EQ(all.blocks_by_order[1], 50u);
  EXPECT_EQ(all.blocks_by_order[0], 150u);
  EXPECT_EQ(all.blocks_left, 0u);
  EXPECT_EQ(all.by_operation[Operation(Map{}).index()],
            all.by_operation[Operation(Unmap{}).index()]);
}

TEST(GenerateStream, EveryFileIsGoneThroughFromEndToEnd) {
  const auto all = statistics("stream", {{"readers", 3}, {"file_pages", 1000}, {"passes", 4}});
  EXPECT_EQ(all.read_pages, 3u * 4 * 1000);
  EXPECT_EQ(all.written_pages, 4u * 1000);
  EXPECT_EQ(all.files, 3u + 4);
}

TEST(GeneratePhases, TimeIsWhatThePhasesAskFor) {
  const auto all = statistics("phases", {{"phases", 3}, {"phase_ns", 1'000'000}});
  EXPECT_EQ(all.last_date, SimTime(SimDuration(3'000'000)));
}

TEST(GeneratePhases, EachPhaseHasItsHotRegions) {
  const auto hot = statistics("phases", {{"phases", 1}, {"cold_percent", 0}, {"region_pages", 64}});
  const auto all = statistics("phases", {{"phases", 4}, {"cold_percent", 0}, {"region_pages", 64}});
  EXPECT_EQ(hot.peak_live_pages, PageCount{64});
  EXPECT_EQ(all.peak_live_pages, PageCount{4 * 64});
}

TEST(GenerateNetwork, PacketsComeInInterruptsAndAreFreedSoonAfter) {
  const auto all = statistics("network", {{"hold_ns", 1'000'000}});
  EXPECT_EQ(all.in_interrupt, all.by_operation[0]);
  EXPECT_EQ(all.blocks_left, 0u);
  EXPECT_EQ(quantile_bound(all.lifetimes, 99), SimDuration(1 << 21));
  EXPECT_GT(all.blocks_by_order[2], 0u);
}

TEST(GenerateNetwork, BurstsReadTheWholeCacheFileTogether) {
  for (const std::uint64_t pages : {7u, 1000u}) {
    const auto all = statistics("network", {{"bursts", 30}, {"cache_pages", pages}});
    EXPECT_EQ(all.read_pages, pages);
    EXPECT_EQ(all.files, 1u);
  }
}

TEST(GenerateSlab, CachesKeepAPartOfWhatTheyTook) {
  const auto all = statistics("slab", {{"rounds", 1}, {"shrink_percent", 50}, {"caches", 1}});
  EXPECT_EQ(all.blocks_by_order[0], 2000u);
  EXPECT_EQ(all.blocks_left, 1000u);
  EXPECT_EQ(all.blocks_by_gfp.size(), 1u);
}

TEST(GenerateDatabase, EveryTransactionReadsWritesAndLogs) {
  const auto all = statistics("database", {{"transactions", 100}, {"clients", 3}});
  EXPECT_EQ(all.read_pages, 600u);
  EXPECT_EQ(all.written_pages, 200u + 100);
  EXPECT_EQ(all.blocks_left, 0u);
}

TEST(Generate, OtherSeedOtherBytesUnlessNothingIsRandom) {
  const TemporaryFolder folder;
  for (const WorkloadKind& kind : workload_kinds()) {
    for (std::uint64_t seed : {1, 2}) {
      generate(kind, Values(kind.parameters), seed, folder / std::to_string(seed));
    }
    const auto records = [&](const char* name) {
      const std::string text = content_of(folder / name);
      return text.substr(text.find('\n'));
    };
    EXPECT_EQ(records("1") == records("2"), kind.name == "fill") << kind.name;
  }
}

/// The bytes a seed has given so far: a published experiment must be repeatable.
TEST(Generate, BytesOfASeedNeverChange) {
  const TemporaryFolder folder;
  std::map<std::string, std::uint64_t> sums;
  for (const WorkloadKind& kind : workload_kinds()) {
    generate(kind, Values(kind.parameters), 1, folder / "t");
    sums[std::string(kind.name)] = stream_seed(0, content_of(folder / "t"));
  }
  EXPECT_THAT(sums, testing::ElementsAre(
                        Pair("churn", 7258499338163404221u), Pair("database", 5815343424503471278u),
                        Pair("fill", 15982384329754590706u), Pair("network", 14415007230695439682u),
                        Pair("orders", 7365995690019582956u), Pair("phases", 12914437254145256187u),
                        Pair("slab", 69748263685406536u), Pair("stream", 17980414247856963798u),
                        Pair("zipf", 10405316936134156550u)));
}

TEST(Generate, GoesOnForAHundredYearsAtMost) {
  const TemporaryFolder folder;
  Values values(kind("fill").parameters);
  values.set("rounds", 1'000'000);
  values.set("pages", 1000);
  values.set("chunk_pages", 1);
  values.set("gap_ns", 3'600'000'000'000);
  EXPECT_THAT([&] { generate(kind("fill"), values, 1, folder / "t"); },
              testing::ThrowsMessage<InputError>(testing::HasSubstr("a hundred years")));
  EXPECT_FALSE(std::filesystem::exists(folder / "t"));
  EXPECT_FALSE(std::filesystem::exists(folder / "t.tmp"));
}

TEST(ZipfWeight, FallsWithThePowerOfTheRank) {
  EXPECT_EQ(zipf_weight(1, 100), 1u << 30);
  EXPECT_EQ(zipf_weight(1024, 100), 1u << 20);
  EXPECT_EQ(zipf_weight(4, 50), 1u << 29);
  EXPECT_EQ(zipf_weight(7, 0), 1u << 30);
  for (std::uint64_t rank : {3u, 10u, 1000u, 65537u}) {
    for (unsigned skew : {30u, 90u, 120u}) {
      const double exact = std::ldexp(std::pow(static_cast<double>(rank), -skew / 100.0), 30);
      EXPECT_NEAR(static_cast<double>(zipf_weight(rank, skew)), exact, exact * 1e-6 + 1);
    }
  }
}

TEST(ZipfDistribution, DrawsEachPlaceInProportionToItsWeight) {
  constexpr std::uint64_t kPlaces = 50, kDraws = 400'000;
  const ZipfDistribution zipf(kPlaces, 100);
  Random random(3);
  std::vector<std::uint64_t> drawn(kPlaces, 0);
  for (std::uint64_t i = 0; i < kDraws; ++i) ++drawn[zipf.draw(random)];
  double all = 0;
  for (std::uint64_t rank = 1; rank <= kPlaces; ++rank) all += 1.0 / static_cast<double>(rank);
  for (std::uint64_t rank = 0; rank < kPlaces; ++rank) {
    const double expected = static_cast<double>(kDraws) / static_cast<double>(rank + 1) / all;
    EXPECT_NEAR(static_cast<double>(drawn[zipf.place_of(rank)]), expected, 5 * std::sqrt(expected));
  }
}

TEST(ZipfDistribution, EveryPlaceHasOneRank) {
  for (std::uint64_t places : {1u, 2u, 3u, 6u, 1000u, 4096u}) {
    const ZipfDistribution zipf(places, 80);
    std::set<std::uint64_t> seen;
    for (std::uint64_t rank = 0; rank < places; ++rank) seen.insert(zipf.place_of(rank));
    EXPECT_EQ(seen.size(), places);
    EXPECT_EQ(*seen.rbegin(), places - 1);
  }
}

}  // namespace
}  // namespace numasim::trace
