#include "workloads/trace_stat.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/temporary_folder.hpp"
#include "workloads/trace_stat_text.hpp"

namespace numasim::trace {
namespace {

using std::chrono::nanoseconds;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TraceStatistics statistics_of_records(const std::string& records) {
  const TemporaryFolder folder;
  return statistics_of(folder.file(
      "t.jsonl", R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":1}]})"
                 "\n" +
                     records));
}

TEST(TraceStat, CountsByOperationTaskOrderAndMask) {
  const auto all = statistics_of_records(
      R"({"task":"a","op":"alloc","id":1,"count":3,"order":2,"gfp":"GFP_ATOMIC"})"
      "\n"
      R"({"task":"b","op":"alloc","id":9})"
      "\n"
      R"({"t":5,"task":"b","op":"free","id":2,"in_interrupt":true})"
      "\n");
  EXPECT_EQ(all.records, 3u);
  EXPECT_EQ(all.dated, 1u);
  EXPECT_EQ(all.in_interrupt, 1u);
  EXPECT_EQ(all.by_operation[0], 2u);
  EXPECT_EQ(all.by_operation[1], 1u);
  EXPECT_THAT(all.by_task, ElementsAre(Pair("a", 1u), Pair("b", 2u)));
  EXPECT_EQ(all.blocks_by_order[2], 3u);
  EXPECT_THAT(all.blocks_by_gfp, ElementsAre(Pair("GFP_ATOMIC", 3u), Pair("GFP_KERNEL", 1u)));
  EXPECT_EQ(all.blocks_freed, 1u);
  EXPECT_EQ(all.blocks_left, 3u);
  EXPECT_EQ(pages_of(all), PageCount{13});
}

TEST(TraceStat, PeakIsThatOfBlocksAndTouchedAnonymousPages) {
  const auto all =
      statistics_of_records(R"({"task":"a","op":"map","region":"r","pages":100})"
                            "\n"
                            R"({"task":"a","op":"touch","region":"r","first_page":10,"pages":5})"
                            "\n"
                            R"({"task":"a","op":"touch","region":"r","first_page":8,"pages":5})"
                            "\n"
                            R"({"task":"b","op":"alloc","id":1,"order":3})"
                            "\n"
                            R"({"task":"a","op":"unmap","region":"r"})"
                            "\n"
                            R"({"task":"b","op":"alloc","id":2,"order":1})"
                            "\n"
                            R"({"task":"a","op":"map","region":"f","pages":50,"file":"x"})"
                            "\n"
                            R"({"task":"a","op":"touch","region":"f","pages":50})"
                            "\n"
                            R"({"task":"b","op":"read","file":"x","pages":7})"
                            "\n"
                            R"({"task":"b","op":"write","file":"y","pages":2})"
                            "\n");
  EXPECT_EQ(all.peak_anonymous_pages, PageCount{7});
  EXPECT_EQ(all.peak_block_pages, PageCount{10});
  EXPECT_EQ(all.peak_live_pages, PageCount{15});
  EXPECT_EQ(all.touched_pages, 60u);
  EXPECT_EQ(all.read_pages, 7u);
  EXPECT_EQ(all.written_pages, 2u);
  EXPECT_EQ(all.files, 2u);
}

TEST(TraceStat, ExitGivesAnonymousMemoryBack) {
  const auto all = statistics_of_records(R"({"task":"a","op":"map","region":"r","pages":10})"
                                         "\n"
                                         R"({"task":"a","op":"touch","region":"r","pages":10})"
                                         "\n"
                                         R"({"task":"a","op":"exit"})"
                                         "\n"
                                         R"({"task":"b","op":"map","region":"r","pages":8})"
                                         "\n"
                                         R"({"task":"b","op":"touch","region":"r","pages":8})"
                                         "\n");
  EXPECT_EQ(all.peak_live_pages, PageCount{10});
}

TEST(TraceStat, CountsLifetimesOfDatedBlocksOnly) {
  const auto all = statistics_of_records(R"({"task":"a","op":"alloc","id":1})"
                                         "\n"
                                         R"({"t":100,"task":"a","op":"alloc","id":2,"count":4})"
                                         "\n"
                                         R"({"t":100,"task":"a","op":"free","id":2})"
                                         "\n"
                                         R"({"t":107,"task":"a","op":"free","id":3,"count":2})"
                                         "\n"
                                         R"({"t":1124,"task":"a","op":"free","id":5})"
                                         "\n"
                                         R"({"t":1124,"task":"a","op":"free","id":1})"
                                         "\n");
  EXPECT_EQ(all.lifetimes[0], 1u);
  EXPECT_EQ(all.lifetimes[3], 2u);   // 7 ns
  EXPECT_EQ(all.lifetimes[11], 1u);  // 1024 ns
  EXPECT_EQ(all.lifetimes_not_known, 1u);
  EXPECT_EQ(quantile_bound(all.lifetimes, 50), nanoseconds(8));
  EXPECT_EQ(quantile_bound(all.lifetimes, 99), nanoseconds(2048));
  EXPECT_EQ(quantile_bound(DurationCounts{}, 50), std::nullopt);
}

TEST(TraceStat, CountsFreesThatMatchNothing) {
  const auto all = statistics_of_records(R"({"task":"a","op":"alloc","id":10,"count":10})"
                                         "\n"
                                         R"({"task":"a","op":"free","id":8,"count":4})"
                                         "\n"
                                         R"({"task":"a","op":"free","id":15})"
                                         "\n"
                                         R"({"task":"a","op":"free","id":12,"count":100})"
                                         "\n"
                                         R"({"task":"a","op":"free","pfn":8})"
                                         "\n");
  EXPECT_EQ(all.blocks_freed, 10u);
  EXPECT_EQ(all.unmatched_frees, 2u + 93u);
  EXPECT_EQ(all.blocks_left, 0u);
  EXPECT_EQ(all.frees_of_start_state, 1u);
}

TEST(TraceStat, AnIdUsedTwiceStandsForTheLaterBlock) {
  const auto all = statistics_of_records(R"({"task":"a","op":"alloc","id":1,"count":3,"order":1})"
                                         "\n"
                                         R"({"task":"a","op":"alloc","id":2,"order":4})"
                                         "\n"
                                         R"({"task":"a","op":"free","id":1,"count":3})"
                                         "\n");
  EXPECT_EQ(all.reused_ids, 1u);
  EXPECT_EQ(all.blocks_freed, 3u);
  EXPECT_EQ(all.unmatched_frees, 0u);
  EXPECT_EQ(all.peak_block_pages, PageCount{20});
}

TEST(TraceStat, NumbersBeyondEveryMachineDoNotOverflow) {
  const std::string most = R"("count":18446744073709551614,"order":30})";
  const auto all = statistics_of_records(R"({"task":"a","op":"alloc","id":1,)" + most + "\n" +
                                         R"({"task":"a","op":"alloc","id":1,)" + most + "\n");
  EXPECT_EQ(all.peak_live_pages, PageCount{INT64_MAX});
}

TEST(TraceStat, TextLeavesOutWhatTheTraceHasNot) {
  const auto all = statistics_of_records(R"({"task":"a","op":"alloc","id":1,"order":11})");
  EXPECT_THAT(to_text(all), HasSubstr("\n  11  1 blocks, 2048 pages (8192 KiB)\n"));
  EXPECT_THAT(to_text(all), Not(HasSubstr("span")));
  EXPECT_THAT(to_text(all), Not(HasSubstr("files")));
}

}  // namespace
}  // namespace numasim::trace
