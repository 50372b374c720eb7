#include "workloads/import_kernel2624.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/recordings.hpp"
#include "tests/workloads/temporary_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/state_file.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_reader.hpp"

namespace numasim {
namespace {

using test::content_of;
using test::TemporaryFolder;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// The first 1500 rows of the recording anon2, or all of boot2.
std::filesystem::path excerpt(const std::string& name) {
  return std::filesystem::path(NUMASIM_SOURCE_DIR) / "tests/workloads/data" /
         ("kernel2624_" + name);
}

TEST(ImportKernel2624, ImportsEveryAllocationAndFree) {
  const TemporaryFolder folder;
  const ImportReport report = import_kernel2624(excerpt("anon2"), folder / "out");
  EXPECT_THAT(report.records_written, testing::ElementsAre(Pair("alloc", 1402u)));
  EXPECT_THAT(report.findings, Contains(Pair("counter values not explained", 0u)));
  EXPECT_THAT(trace::problems_of_trace(folder / "out/trace.jsonl.gz", {{2, 2}}), IsEmpty());
  trace::TraceReader reader(folder / "out/trace.jsonl.gz");
  EXPECT_EQ(reader.header().vm_stats_refresh, trace::VmStatsRefresh::recorded);
  const auto first = reader.next();
  EXPECT_EQ(std::get<trace::Alloc>(first->operation),
            (trace::Alloc{0, 1, Order{1}, GFP_USER, NodeId{0}}));
}

TEST(ImportKernel2624, TakesTheStateFromTheDump) {
  const TemporaryFolder folder;
  import_kernel2624(excerpt("anon2"), folder / "out");
  const MachineState state = read_state(folder / "out/state.json.gz");
  ASSERT_EQ(state.zones.size(), 3u);
  EXPECT_EQ(state.pageblock_order, Order{10});
  const ZoneState& dma32 = state.zones[1];
  EXPECT_EQ(dma32.node, NodeId{0});
  EXPECT_EQ(dma32.type, ZoneType::dma32);
  EXPECT_EQ(dma32.present, PageCount{60600});
  EXPECT_EQ(dma32.min, PageCount{338});
  EXPECT_EQ(state.zones[0].lowmem_reserve[1], PageCount{236});
  EXPECT_EQ(state.zones[0].free_lists[0].blocks,
            (std::vector<Pfn>{Pfn{905}, Pfn{19}, Pfn{1801}, Pfn{158}}));
  EXPECT_EQ(dma32.pagesets[1].hot.pages.size(), 24u);
  EXPECT_EQ(dma32.pagesets[1].hot.pages[0], (ListedPage{Pfn{64873}, MigrateType::unmovable}));
}

TEST(ImportKernel2624, WritesTheMachineAndItsSysctls) {
  const TemporaryFolder folder;
  import_kernel2624(excerpt("anon2"), folder / "out");
  const std::string scenario = content_of(folder / "out/scenario.json");
  EXPECT_THAT(scenario, HasSubstr(R"({"ranges":[{"begin_bytes":0,"end_bytes":651264},)"
                                  R"({"begin_bytes":1048576,"end_bytes":268435456}],"cpus":1})"));
  EXPECT_THAT(scenario, HasSubstr(R"("distance":[[10,20],[20,10]])"));
  EXPECT_THAT(scenario, HasSubstr(R"("min_free_kbytes":2860)"));
  EXPECT_THAT(scenario, HasSubstr(R"("run":{"start_state":"state.json.gz","time_limit_ns":1)"));
}

TEST(ImportKernel2624, ShowsRefreshesThatTrimmedAList) {
  const TemporaryFolder folder;
  const ImportReport report = import_kernel2624(excerpt("boot2"), folder / "out");
  EXPECT_THAT(report.records_written,
              testing::ElementsAre(Pair("refresh_vm_stats", 2u), Pair("trim_pageset", 2u)));
}

TEST(ImportKernel2624, LeavesNothingBehindOnAnError) {
  const TemporaryFolder folder;
  std::filesystem::copy(excerpt("boot2"), folder / "in");
  std::filesystem::remove(folder / "in/stream.tsv.gz");
  folder.file("in/stream.tsv.gz", "idx\tns\n5\t100\t0\t0\tx7\tMARK\t1\n");
  EXPECT_THAT([&] { import_kernel2624(folder / "in", folder / "out"); },
              testing::ThrowsMessage<InputError>(
                  HasSubstr("in/stream.tsv.gz:2:11: expected a number, found \"x7\"")));
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

TEST(ImportKernel2624, NamesAFileThatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_THAT([&] { import_kernel2624(folder.path(), folder / "out"); },
              testing::ThrowsMessage<InputError>(HasSubstr("cmd.txt: cannot be read")));
}

struct FullRecording {
  const char* name;
  std::uint64_t allocs, frees, refreshes, unexplained;
};

void PrintTo(const FullRecording& full, std::ostream* out) { *out << full.name; }

class ImportKernel2624Full : public testing::TestWithParam<FullRecording> {};

TEST_P(ImportKernel2624Full, ExplainsTheRecordedCounters) {
  const FullRecording& full = GetParam();
  const auto recording = test::recording(std::string("kernel2624/") + full.name);
  if (!recording) GTEST_SKIP() << "skipped: no recordings";
  const TemporaryFolder folder;
  ImportReport report = import_kernel2624(*recording, folder / "out");
  EXPECT_EQ(report.records_written["alloc"], full.allocs);
  EXPECT_EQ(report.records_written["free"], full.frees);
  EXPECT_EQ(report.records_written["refresh_vm_stats"], full.refreshes);
  EXPECT_EQ(report.findings["counter values not explained"], full.unexplained);
  EXPECT_EQ(report.findings["frees with another order than the alloc"], 0u);
  EXPECT_THAT(trace::problems_of_trace(folder / "out/trace.jsonl.gz", {{2, 2}}), IsEmpty());
}

// Allocations are rows ALLOC and NOPAGE, frees are FREE and FREEOK, counted in the recordings.
INSTANTIATE_TEST_SUITE_P(Recordings, ImportKernel2624Full,
                         testing::Values(FullRecording{"anon2", 90193, 90190, 0, 0},
                                         FullRecording{"replay_gen2", 31237, 31236, 2, 0},
                                         FullRecording{"clean1", 91669, 70104, 4, 0},
                                         FullRecording{"clean2", 259805, 103513, 12, 2}),
                         [](const auto& full) { return std::string(full.param.name); });

}  // namespace
}  // namespace numasim
