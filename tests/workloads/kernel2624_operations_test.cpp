#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/kernel2624/operations.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim::kernel2624 {
namespace {

using testing::ElementsAre;

constexpr std::uint32_t kKswapd = 111;

/// Feeds rows, all 100 ns after one another, and returns the records as text.
class Recorded {
 public:
  explicit Recorded(std::vector<Refresh> refreshes = {})
      : operations_(std::move(refreshes), {kKswapd}, report,
                    [this](const trace::Record& record) { put(record); }) {}

  Row row(RowType type, CpuId cpu, std::uint32_t pid = 7) {
    ++index_;
    return {.index = index_,
            .time = SimTime(SimDuration(100 * index_)),
            .cpu = cpu,
            .pid = pid,
            .type = type,
            .name = "row"};
  }
  void alloc(CpuId cpu, Pfn pfn, std::uint32_t pid = 7) {
    Row alloc = row(RowType::alloc, cpu, pid);
    alloc.pfn = pfn;
    alloc.gfp = GFP_KERNEL;
    alloc.first_zone = ZoneCode{5};
    operations_.row(alloc);
  }
  void refill(CpuId cpu) { operations_.row(row(RowType::refill, cpu)); }
  void free(CpuId cpu, Pfn pfn) {
    Row free = row(RowType::free, cpu);
    free.pfn = pfn;
    free.cold = true;
    operations_.row(free);
  }
  void trim(CpuId cpu, ZoneCode zone) {
    Row trim = row(RowType::trim, cpu);
    trim.zone = zone;
    operations_.row(trim);
  }
  Operations& operations() { return operations_; }

  std::vector<std::string> records() {
    operations_.finish();
    return lines_;
  }

  ImportReport report;

 private:
  void put(const trace::Record& record) {
    lines_.push_back(to_json(record, {{.name = "c0"}, {.name = "c1"}}));
  }
  std::uint64_t index_ = 0;
  std::vector<std::string> lines_;
  Operations operations_;
};

constexpr CpuId kCpu0{0}, kCpu1{1};

TEST(RecordedOperations, NamesBlocksAndAsksForTheFirstZonesNode) {
  Recorded recorded;
  recorded.alloc(kCpu0, Pfn{9});
  recorded.alloc(kCpu0, Pfn{8});
  recorded.free(kCpu1, Pfn{8});
  EXPECT_THAT(recorded.records(),
              ElementsAre(R"({"t":0,"task":"c0","op":"alloc","id":0,"node":1})",
                          R"({"t":100,"task":"c0","op":"alloc","id":1,"node":1})",
                          R"({"t":200,"task":"c1","op":"free","id":1,"cold":true})"));
}

TEST(RecordedOperations, FreesBlocksOfTheStartStateByFrame) {
  Recorded recorded;
  recorded.free(kCpu0, Pfn{64});
  EXPECT_THAT(recorded.records(),
              ElementsAre(R"({"t":0,"task":"c0","op":"free","pfn":64,"cold":true})"));
  EXPECT_EQ(recorded.report.findings["frees of blocks of the start state"], 1u);
}

TEST(RecordedOperations, AnAllocationBeginsWithItsRefill) {
  Recorded recorded;
  recorded.refill(kCpu0);
  recorded.alloc(kCpu1, Pfn{1});
  recorded.alloc(kCpu0, Pfn{2});
  EXPECT_THAT(recorded.records(),
              ElementsAre(R"({"t":0,"task":"c0","op":"alloc","id":1,"node":1})",
                          R"({"t":100,"task":"c1","op":"alloc","id":0,"node":1})"));
}

TEST(RecordedOperations, KeepsFailedAllocations) {
  Recorded recorded;
  Row failed = recorded.row(RowType::no_page, kCpu0);
  failed.gfp = GFP_ATOMIC;
  failed.order = Order{3};
  failed.first_zone = ZoneCode{1};
  recorded.operations().row(failed);
  EXPECT_THAT(
      recorded.records(),
      ElementsAre(
          R"({"t":0,"task":"c0","op":"alloc","id":0,"order":3,"gfp":"GFP_ATOMIC","node":0})"));
}

TEST(RecordedOperations, PutsARefreshBeforeTheEventItPrecedes) {
  Recorded recorded({{2, kCpu1}});
  recorded.alloc(kCpu0, Pfn{1});
  recorded.alloc(kCpu0, Pfn{2});
  EXPECT_THAT(recorded.records(),
              ElementsAre(R"({"t":0,"task":"c0","op":"alloc","id":0,"node":1})",
                          R"({"t":100,"task":"c1","op":"refresh_vm_stats"})",
                          R"({"t":100,"task":"c0","op":"alloc","id":1,"node":1})"));
}

TEST(RecordedOperations, TrimsHotAndColdListOfAZoneAtOnce) {
  Recorded recorded;
  recorded.trim(kCpu1, ZoneCode{1});
  recorded.trim(kCpu1, ZoneCode{1});
  recorded.trim(kCpu1, ZoneCode{4});
  EXPECT_THAT(recorded.records(),
              ElementsAre(R"({"t":0,"task":"c1","op":"trim_pageset","node":0,"zone":"DMA32"})",
                          R"({"t":200,"task":"c1","op":"trim_pageset","node":1,"zone":"DMA"})"));
}

TEST(RecordedOperations, ReclaimersHaveMemalloc) {
  Recorded recorded;
  recorded.alloc(kCpu0, Pfn{1}, kKswapd);
  recorded.operations().direct_reclaim_begins(50);
  recorded.alloc(kCpu0, Pfn{2}, 50);
  recorded.operations().direct_reclaim_ends(50);
  recorded.alloc(kCpu0, Pfn{3}, 50);
  Row hook = recorded.row(RowType::hook_begin, kCpu1, 60);
  hook.with_memalloc = true;
  recorded.operations().row(hook);
  recorded.alloc(kCpu1, Pfn{4}, 60);
  recorded.operations().row(recorded.row(RowType::hook_end, kCpu1, 60));
  recorded.alloc(kCpu1, Pfn{5}, 60);
  recorded.operations().oom_kills(70);
  recorded.alloc(kCpu0, Pfn{6}, 70);
  std::vector<bool> memalloc;
  for (const std::string& line : recorded.records()) {
    memalloc.push_back(line.find("\"memalloc\":true") != line.npos);
  }
  EXPECT_THAT(memalloc, ElementsAre(true, true, false, true, false, true));
}

}  // namespace
}  // namespace numasim::kernel2624
