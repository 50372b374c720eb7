#include "workloads/import_ftrace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/recordings.hpp"
#include "tests/workloads/temporary_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"
#include "workloads/trace_checker.hpp"

namespace numasim {
namespace {

using test::content_of;
using test::TemporaryFolder;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr FtraceMachine kOneNode{.nodes = 1, .memory_each = Bytes{1 << 28}, .cpus_each = 2};

/// Lines of the imported trace, without the header.
std::vector<std::string> records(const std::filesystem::path& folder) {
  LineSource lines(folder / "trace.jsonl.gz");
  lines.next();
  std::vector<std::string> all;
  while (const auto line = lines.next()) all.emplace_back(line->text);
  return all;
}

std::uint64_t lines_with(const std::filesystem::path& file, std::string_view text) {
  LineSource lines(file);
  std::uint64_t count = 0;
  while (const auto line = lines.next()) count += line->text.find(text) != line->text.npos;
  return count;
}

TEST(ImportFtrace, PairsFreesWithAllocsAndLeavesOutBatchedFrees) {
  const TemporaryFolder folder;
  const auto capture = folder.file(
      "t.txt",
      "# tracer: nop\n"
      " a-1 [001] .....  1.000010: mm_page_alloc: page=x pfn=0x10 order=2 gfp_flags=GFP_KERNEL\n"
      " a-1 [000] ..s..  1.000020: mm_page_alloc: page=x pfn=0x20 order=0 "
      "gfp_flags=GFP_ATOMIC|__GFP_MEMALLOC\n"
      " a-1 [000] d..3.  1.000021: mm_page_pcpu_drain: page=x pfn=0x30 order=0 migratetype=0\n"
      " a-1 [000] .....  1.000030: mm_page_free: page=x pfn=0x20 order=0\n"
      " a-1 [000] .....  1.000031: mm_page_free_batched: page=x pfn=0x20 order=0\n"
      " a-1 [000] .....  1.000040: mm_page_free: page=x pfn=0x99 order=0\n"
      " a-1 [001] .....  1.000050: mm_page_free: page=x pfn=0x10 order=2\n");
  const ImportReport report = import_ftrace(capture, folder / "out", kOneNode);
  EXPECT_THAT(
      records(folder / "out"),
      ElementsAre(R"({"op":"task","name":"a-1@1","cpu":1,"kernel_thread":true})",
                  R"({"t":0,"task":"a-1@1","op":"alloc","id":0,"order":2})",
                  R"({"op":"task","name":"interrupt@0","cpu":0,"kernel_thread":true})",
                  R"({"t":10000,"task":"interrupt@0","op":"alloc","id":1,"gfp":"GFP_ATOMIC",)"
                  R"("in_interrupt":true,"memalloc":true})",
                  R"({"op":"task","name":"a-1@0","cpu":0,"kernel_thread":true})",
                  R"({"t":20000,"task":"a-1@0","op":"free","id":1})",
                  R"({"t":40000,"task":"a-1@1","op":"free","id":0})"));
  EXPECT_THAT(report.findings,
              ElementsAre(Pair("frees left out: allocated before the capture, or unseen", 1u)));
  EXPECT_THAT(report.rows_read, Contains(Pair("mm_page_free_batched", 1u)));
}

TEST(ImportFtrace, KeepsFailedAllocations) {
  const TemporaryFolder folder;
  const auto capture = folder.file(
      "t.txt",
      " a-1 [000] .....  1.0: mm_page_alloc: page=x pfn=0x0 order=9 gfp_flags=GFP_KERNEL\n"
      " a-1 [000] .....  1.1: mm_page_alloc: page=x pfn=0x0 order=9 gfp_flags=GFP_KERNEL\n");
  const ImportReport report = import_ftrace(capture, folder / "out", kOneNode);
  EXPECT_EQ(report.records_written.at("alloc"), 2u);
  EXPECT_THAT(report.findings, ElementsAre(Pair("allocations that failed in the capture", 2u)));
}

TEST(ImportFtrace, ReclaimersHaveMemalloc) {
  const TemporaryFolder folder;
  const std::string alloc = "mm_page_alloc: pfn=0x0 order=0 gfp_flags=GFP_NOIO\n";
  const auto capture = folder.file(
      "t.txt", " kswapd0-59 [000] ..... 1.0: " + alloc +
                   " a-1 [000] ..... 1.1: mm_vmscan_direct_reclaim_begin: order=0\n"
                   " a-1 [000] ..... 1.2: " +
                   alloc + " a-1 [000] ..h.. 1.3: " + alloc +
                   " a-1 [000] ..... 1.4: mm_vmscan_direct_reclaim_end: nr_reclaimed=0\n"
                   " a-1 [000] ..... 1.5: " +
                   alloc);
  import_ftrace(capture, folder / "out", kOneNode);
  std::vector<bool> memalloc;
  for (const std::string& line : records(folder / "out")) {
    if (line.find("\"op\":\"alloc\"") == line.npos) continue;
    memalloc.push_back(line.find("\"memalloc\":true") != line.npos);
  }
  EXPECT_THAT(memalloc, ElementsAre(true, true, false, false));
}

TEST(ImportFtrace, TakesTheMachineFromTheTextBesideTheCapture) {
  const TemporaryFolder folder;
  const auto data = std::filesystem::path(NUMASIM_SOURCE_DIR) / "tests/workloads/data/ftrace";
  ImportReport report = import_ftrace(data / "a.trace.gz", folder / "out");
  const std::string scenario = content_of(folder / "out/scenario.json");
  EXPECT_THAT(scenario, HasSubstr(R"({"ranges":[{"begin_bytes":4096,"end_bytes":651264},)"
                                  R"({"begin_bytes":1048576,"end_bytes":268435456}],"cpus":2})"));
  EXPECT_THAT(scenario, HasSubstr(R"("distance":[[10,20],[20,10]])"));
  EXPECT_THAT(scenario, HasSubstr(R"("min_free_kbytes":2703)"));
  EXPECT_EQ(report.records_written["alloc"], lines_with(data / "a.trace.gz", ": mm_page_alloc:"));
  EXPECT_THAT(trace::problems_of_trace(folder / "out/trace.jsonl.gz", {{4, 2}}), IsEmpty());
}

TEST(ImportFtraceError, MachineIsNotKnown) {
  const TemporaryFolder folder;
  const auto capture = folder.file("t.txt", "");
  EXPECT_THAT([&] { import_ftrace(capture, folder / "out"); },
              testing::ThrowsMessage<InputError>(HasSubstr(
                  "t.txt: the machine of this capture is not known; say how many nodes")));
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

TEST(ImportFtraceError, LineThatIsNoEvent) {
  const TemporaryFolder folder;
  const auto capture = folder.file("t.txt", "# tracer: nop\nhello\n");
  EXPECT_THAT([&] { import_ftrace(capture, folder / "out", kOneNode); },
              testing::ThrowsMessage<InputError>(HasSubstr("t.txt:2:1: expected an event")));
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

TEST(ImportFtraceError, EventWithoutItsFrameOrFromAnUnknownCpu) {
  const TemporaryFolder folder;
  const auto no_frame = folder.file("n.txt", " a-1 [000] ..... 1.0: mm_page_free: order=0\n");
  EXPECT_THAT([&] { import_ftrace(no_frame, folder / "out", kOneNode); },
              testing::ThrowsMessage<InputError>(
                  HasSubstr("n.txt:1: expected a field pfn=NUMBER, found none")));
  const auto cpu = folder.file(
      "c.txt", " a-1 [007] ..... 1.0: mm_page_alloc: pfn=0x5 order=0 gfp_flags=GFP_KERNEL\n");
  EXPECT_THAT([&] { import_ftrace(cpu, folder / "out", kOneNode); },
              testing::ThrowsMessage<InputError>(
                  HasSubstr("c.txt:1: expected a CPU of the machine, found [7]")));
}

TEST(ImportFtraceFull, CountsAreThoseOfTheCapture) {
  const auto capture = test::recording("realkernel/T1_main/a.trace.gz");
  if (!capture) GTEST_SKIP() << "skipped: no recordings";
  const TemporaryFolder folder;
  ImportReport report = import_ftrace(*capture, folder / "out");
  EXPECT_EQ(report.rows_read["mm_page_alloc"], 77459u);
  EXPECT_EQ(report.rows_read["mm_page_free"], 77092u);
  EXPECT_EQ(report.records_written["alloc"], 77459u);
  EXPECT_EQ(report.records_written["free"], 77092u - 30u);
  EXPECT_THAT(report.findings,
              ElementsAre(Pair("frees left out: allocated before the capture, or unseen", 30u)));
  EXPECT_THAT(trace::problems_of_trace(folder / "out/trace.jsonl.gz", {{4, 2}}), IsEmpty());
}

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(NUMASIM_SOURCE_DIR) / "tests/workloads/data/captures" / name;
}

class EveryCapture : public testing::TestWithParam<const char*> {};

TEST_P(EveryCapture, IsReadToTheLastEvent) {
  const auto capture = fixture(std::string(GetParam()) + ".txt.gz");
  const TemporaryFolder folder;
  ImportReport report =
      import_ftrace(capture, folder / "out",
                    FtraceMachine{.nodes = 2, .memory_each = Bytes{1 << 28}, .cpus_each = 2});
  EXPECT_EQ(report.records_written["alloc"], lines_with(capture, "mm_page_alloc:"));
  EXPECT_EQ(report.rows_read["mm_page_alloc"], lines_with(capture, "mm_page_alloc:"));
  EXPECT_EQ(report.rows_read["mm_page_free"], lines_with(capture, "mm_page_free:"));
  EXPECT_EQ(report.records_written["free"] +
                report.findings["frees left out: allocated before the capture, or unseen"],
            report.rows_read["mm_page_free"]);
  EXPECT_FALSE(report.findings.contains("lines left out: no event, or one that lacks a field"));
  EXPECT_FALSE(report.findings.contains("events without a time, whose records have no date"));
  EXPECT_THAT(trace::problems_of_trace(folder / "out/trace.jsonl.gz", {{4, 2}}), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(ImportFtrace, EveryCapture,
                         testing::Values("ftrace_default", "ftrace_latency-format",
                                         "ftrace_record-tgid", "trace_pipe", "perf", "perf_F",
                                         "tracecmd", "tracecmd_l"));

/// The same capture, printed in two ways.
TEST(ImportFtrace, LatencyFormatGivesTheSameRecordsToTheMicrosecond) {
  const TemporaryFolder folder;
  const FtraceMachine machine{.nodes = 2, .memory_each = Bytes{1 << 28}, .cpus_each = 2};
  import_ftrace(fixture("ftrace_default.txt.gz"), folder / "a", machine);
  import_ftrace(fixture("ftrace_latency-format.txt.gz"), folder / "b", machine);
  import_ftrace(fixture("tracecmd.txt.gz"), folder / "c", machine);
  import_ftrace(fixture("tracecmd_l.txt.gz"), folder / "d", machine);
  const auto without_dates_and_tasks = [](const std::filesystem::path& from) {
    std::vector<std::string> all;
    for (const std::string& line : records(from)) {
      const std::size_t op = line.find("\"op\"");
      if (line.find("\"op\":\"task\"") == line.npos) all.push_back(line.substr(op));
    }
    return all;
  };
  const auto plain = without_dates_and_tasks(folder / "a");
  const auto latency = without_dates_and_tasks(folder / "b");
  const std::size_t both = std::min(plain.size(), latency.size());  // 400 lines, one head longer
  EXPECT_GT(both, 100u);
  EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(both),
                         latency.begin()));
  EXPECT_EQ(without_dates_and_tasks(folder / "c"), without_dates_and_tasks(folder / "d"));
}

/// A line of `perf kmem --page stat`: "Total free requests : 87 [ 348 KB ]".
std::uint64_t counted_by_perf(const std::string& title) {
  const std::string text = content_of(fixture("perf_kmem.stat.txt"));
  const std::size_t at = text.find(title);
  EXPECT_NE(at, text.npos) << title;
  return std::stoull(text.substr(text.find(':', at) + 1));
}

TEST(ImportFtrace, CountsWhatPerfKmemCounts) {
  const TemporaryFolder folder;
  ImportReport report = import_ftrace(fixture("perf_kmem.txt.gz"), folder / "out", kOneNode);
  const std::uint64_t unseen =
      report.findings["frees left out: allocated before the capture, or unseen"];
  EXPECT_EQ(report.rows_read["mm_page_alloc"], counted_by_perf("Total allocation requests"));
  EXPECT_EQ(report.records_written["alloc"], counted_by_perf("Total allocation requests"));
  EXPECT_EQ(report.rows_read["mm_page_free"], counted_by_perf("Total free requests"));
  EXPECT_EQ(report.records_written["free"], counted_by_perf("Total alloc+freed requests"));
  EXPECT_EQ(unseen, counted_by_perf("Total free-only requests"));
  EXPECT_EQ(report.findings["allocations that failed in the capture"],
            counted_by_perf("Total allocation failures"));
}

TEST(ImportFtrace, SaysWhatTheTracerCountedAsLost) {
  const TemporaryFolder folder;
  const auto capture = folder.file(
      "a.trace", " a-1 [000] .....  1.0: mm_page_alloc: pfn=0x10 order=0 gfp_flags=GFP_KERNEL\n");
  folder.file("a.trace.stats",
              "cpu0 entries: 1 overrun: 5 commit overrun: 1 bytes: 9 dropped events: 30 \n"
              "cpu1 entries: 0 overrun: 200 commit overrun: 0 bytes: 9 dropped events: 0 \n");
  const ImportReport report = import_ftrace(capture, folder / "out", kOneNode);
  EXPECT_THAT(report.findings, ElementsAre(Pair("events lost, as a.trace.stats says", 236u)));
}

TEST(ImportFtrace, SaysWhatACaptureLacks) {
  const TemporaryFolder folder;
  const auto capture = folder.file(
      "t.txt",
      "# entries-in-buffer/entries-written: 6/26   #P:2\n"
      "CPU:1 [LOST 7 EVENTS]\n"
      " a-1 [001] .....  1.000010: mm_page_alloc: page=x pfn=0x10 order=0 gfp_flags=GFP_KERNEL\n"
      "garbage\n"
      " a-1 [001] .....  1.000011: mm_page_alloc: page=x order=0 gfp_flags=GFP_KERNEL\n"
      " a-1 [001] mm_page_free: page=x pfn=0x10 order=0\n"
      " a 1  1.000015: kmem:mm_page_alloc: page=x pfn=0x11 order=0 gfp_flags=GFP_KERNEL\n"
      " a-1 [001] .....  1.000016: mm_page_pcpu_drain: page=x pfn=0x30 order=0 migratetype=0\n");
  const ImportReport report = import_ftrace(capture, folder / "out", kOneNode);
  EXPECT_THAT(report.findings,
              ElementsAre(Pair("events lost in gaps that give their number", 7u),
                          Pair("events overwritten before the capture was read", 20u),
                          Pair("events without a CPU, taken for those of the first", 1u),
                          Pair("events without a time, whose records have no date", 1u),
                          Pair("gaps where the kernel lost events", 1u),
                          Pair("lines left out: no event, or one that lacks a field", 2u)));
  EXPECT_THAT(report.remarks, Contains(HasSubstr("lines left out: 4, 5; the first: ")));
  EXPECT_THAT(report.remarks, Contains(HasSubstr("mm_page_pcpu_drain tells")));
  EXPECT_THAT(records(folder / "out"),
              ElementsAre(R"({"op":"task","name":"a-1@1","cpu":1,"kernel_thread":true})",
                          R"({"t":0,"task":"a-1@1","op":"alloc","id":0})",
                          R"({"task":"a-1@1","op":"free","id":0})",
                          R"({"op":"task","name":"a 1@0","cpu":0,"kernel_thread":true})",
                          R"({"t":5000,"task":"a 1@0","op":"alloc","id":1})"));
}

}  // namespace
}  // namespace numasim
