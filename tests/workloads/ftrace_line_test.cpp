#include "workloads/ftrace/line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workloads/ftrace/gfp_names.hpp"

namespace numasim::ftrace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FtraceLine, ReadsTheKernelsTraceFile) {
  const auto line = parse_line(
      "          churn-1021    [001] ...2.    60.235377: mm_page_free: "
      "page=0000000071b8c820 pfn=0x1e4c1 order=0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->task, "churn-1021");
  EXPECT_EQ(line->cpu, 1u);
  EXPECT_FALSE(line->in_interrupt);
  EXPECT_EQ(line->time_ns, 60'235'377'000);
  EXPECT_EQ(line->event, "mm_page_free");
  EXPECT_EQ(detail(line->details, "pfn"), "0x1e4c1");
  EXPECT_EQ(detail(line->details, "order"), "0");
  EXPECT_EQ(detail(line->details, "gfp_flags"), std::nullopt);
}

TEST(FtraceLine, ReadsTaskNamesWithBlanksDashesColonsAndBrackets) {
  const auto line =
      parse_line(" a [3] kworker/0:1-15-7 [000] d.h3. 1.000001: mm_page_alloc: pfn=0x1 order=0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->task, "a [3] kworker/0:1-15-7");
  EXPECT_EQ(line->cpu, 0u);
  EXPECT_TRUE(line->in_interrupt);
  EXPECT_EQ(line->event, "mm_page_alloc");
}

TEST(FtraceLine, ReadsTheThreadGroupColumn) {
  const auto line = parse_line(
      "  sh-121     (-------) [002] ..s..    26.203058: mm_page_alloc: page=x pfn=0x1106a");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->task, "sh-121");
  EXPECT_EQ(line->cpu, 2u);
  EXPECT_TRUE(line->in_interrupt);
}

TEST(FtraceLine, ReadsTraceCmdReportsWithoutFlags) {
  const auto line = parse_line(
      "   hog-128   [000]     8.269540: mm_page_alloc:        page=0xff pfn=0x5d94 order=1");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->time_ns, 8'269'540'000);
  EXPECT_EQ(detail(line->details, "pfn"), "0x5d94");
}

TEST(FtraceLine, ReadsPerfScriptWithNanoseconds) {
  const auto line = parse_line(
      "       perf-exec   137/137 [002]    19.835425123:        kmem:mm_page_alloc: pfn=0x11048");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->event, "mm_page_alloc");
  EXPECT_EQ(line->time_ns, 19'835'425'123);
}

TEST(FtraceLine, ReadsTheLatencyFormat) {
  const auto line = parse_line(
      "     hog 1-144       3.sh3. 137827us : mm_page_free: page=ffffea000007ff40 pfn=0x1ffd "
      "order=0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->task, "hog 1-144");
  EXPECT_EQ(line->cpu, 3u);
  EXPECT_TRUE(line->in_interrupt);
  EXPECT_EQ(line->time_ns, 137'827'000);
  EXPECT_EQ(line->event, "mm_page_free");
  EXPECT_EQ(detail(line->details, "pfn"), "0x1ffd");
  for (const char* mark : {"!:", "+:", "#:", ":"}) {
    const auto marked =
        parse_line("sh-121  2..... 129832us" + std::string(mark) + " mm_page_free: pfn=0x1");
    ASSERT_TRUE(marked) << mark;
    EXPECT_EQ(marked->time_ns, 129'832'000);
  }
}

TEST(FtraceLine, ReadsTraceCmdReportsInTheLatencyFormat) {
  const auto line = parse_line(
      "     hog-128     0...1.     8.271250: mm_page_alloc:        page=0xff pfn=0x60aa order=0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->task, "hog-128");
  EXPECT_EQ(line->cpu, 0u);
  EXPECT_EQ(line->time_ns, 8'271'250'000);
}

TEST(FtraceLine, DoesWithoutATimeOrACpu) {
  const auto timeless = parse_line("hog   135 [003]  kmem:mm_page_free: page=0x1 pfn=0x1 order=0");
  ASSERT_TRUE(timeless);
  EXPECT_EQ(timeless->time_ns, std::nullopt);
  EXPECT_EQ(timeless->event, "mm_page_free");
  const auto without_cpu = parse_line("hog  135  19.835425:  kmem:mm_page_free: pfn=0x1 order=0");
  ASSERT_TRUE(without_cpu);
  EXPECT_EQ(without_cpu->cpu, std::nullopt);
  EXPECT_EQ(without_cpu->task, "hog  135");
  EXPECT_EQ(without_cpu->time_ns, 19'835'425'000);
}

TEST(FtraceLine, CountsLostEvents) {
  EXPECT_EQ(lost_events("CPU:2 [LOST 1234 EVENTS]"), 1234u);
  EXPECT_EQ(lost_events("CPU:2 [12 EVENTS DROPPED]"), 12u);
  EXPECT_EQ(lost_events("CPU:2 [EVENTS DROPPED]"), 0u);
  EXPECT_EQ(lost_events("swapper 0 [000] 1.5: PERF_RECORD_LOST lost 17"), 17u);
  EXPECT_EQ(lost_events(" a [LOST 3 EVENTS]-7 [000] ..... 1.0: x: y=1"), std::nullopt);
  EXPECT_EQ(overwritten_events("# entries-in-buffer/entries-written: 100/120   #P:4"), 20u);
  EXPECT_EQ(overwritten_events("# entries-in-buffer/entries-written: 100/100   #P:4"), 0u);
  EXPECT_EQ(overwritten_events("# tracer: nop"), std::nullopt);
}

TEST(FtraceLine, RefusesWhatIsNoEvent) {
  EXPECT_FALSE(parse_line("sh-121       2..... 129832ms!: mm_page_alloc: pfn=0x1"));
  EXPECT_FALSE(parse_line("sh-121       2..... 129832us! mm_page_alloc: pfn=0x1"));
  EXPECT_FALSE(parse_line("26.203058: mm_page_alloc: pfn=0x1"));
  EXPECT_FALSE(parse_line("sh-121 [001] ..... yesterday: mm_page_alloc: pfn=0x1"));
  EXPECT_FALSE(parse_line("sh-121 [001"));
}

TEST(FtraceLine, ReadsFramesOfOldAndNewKernels) {
  EXPECT_EQ(parse_frame("0x1fe53"), 0x1fe53u);
  EXPECT_EQ(parse_frame("130643"), 130643u);
  EXPECT_EQ(parse_frame("(nil)"), std::nullopt);
}

TEST(FtraceGfp, TranslatesNamesOfLaterKernels) {
  EXPECT_EQ(translate_gfp("GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO").mask,
            GFP_HIGHUSER_MOVABLE | __GFP_COMP | __GFP_ZERO);
  EXPECT_EQ(translate_gfp("GFP_KERNEL_ACCOUNT").mask, GFP_KERNEL);
  EXPECT_EQ(translate_gfp("GFP_NOWAIT|__GFP_NOWARN").mask, __GFP_NOWARN);
  EXPECT_EQ(translate_gfp("__GFP_DIRECT_RECLAIM|__GFP_RETRY_MAYFAIL").mask,
            __GFP_WAIT | __GFP_REPEAT);
  EXPECT_EQ(translate_gfp("none").mask, Gfp{0});
}

TEST(FtraceGfp, KnowsTheNamesWithoutUnderscores) {
  EXPECT_EQ(translate_gfp("GFP_KERNEL|GFP_ZERO|GFP_NOMEMALLOC").mask,
            GFP_KERNEL | __GFP_ZERO | __GFP_NOMEMALLOC);
}

TEST(FtraceGfp, ListsWhatItDropsAndWhatItDoesNotKnow) {
  const TranslatedGfp gfp = translate_gfp("GFP_NOFS|__GFP_WRITE|__GFP_MEMALLOC|__GFP_NEW|0x80");
  EXPECT_EQ(gfp.mask, GFP_NOFS);
  EXPECT_TRUE(gfp.memalloc);
  EXPECT_THAT(gfp.dropped, ElementsAre("__GFP_WRITE"));
  EXPECT_THAT(gfp.not_known, ElementsAre("__GFP_NEW", "0x80"));
}

}  // namespace
}  // namespace numasim::ftrace
