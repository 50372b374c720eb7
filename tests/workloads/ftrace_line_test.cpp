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

TEST(FtraceLine, RefusesWhatIsNoEvent) {
  EXPECT_FALSE(parse_line("sh-121       2..... 129832us!: mm_page_alloc: pfn=0x1"));
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
