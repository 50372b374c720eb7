#include "sim/results/event_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/results/small_run.hpp"

namespace numasim::results {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const event::PassBegin kPass{GFP_USER, Order{0}, 0};
const event::WatermarkTest kNormal1Low{kNormal1, {112}, {100}, false};

TEST(EventLog, LeavesNoRowOfRequestsServedAtOnce) {
  Listener run;
  const Task reader = task(1, "reader", 0);

  run.serve(reader, kNormal0, kNormal0, Order{3});
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(), IsEmpty());
  EXPECT_EQ(totals.requests, 1);
  EXPECT_EQ(totals.served_in_first_pass, 1);
  EXPECT_EQ(totals.served_by_order[3], 1);
  EXPECT_EQ(totals.zones[1].pages_served, PageCount{8});
}

TEST(EventLog, CountsNumaPlacementAsZoneStatisticsDoes) {
  Listener run;
  const Task on_node0 = task(1, "reader", 0);

  run.serve(on_node0, kNormal0, kNormal0, Order{2});
  run.serve(on_node0, kDma0, kNormal0);
  run.serve(on_node0, kNormal1, kNormal0);
  run.serve(on_node0, kNormal1, kNormal1);
  const EventTotals totals = run.finish();

  const auto& [dma0, normal0, normal1] =
      std::tie(totals.zones[0], totals.zones[1], totals.zones[2]);
  EXPECT_EQ(normal0.numa_hit, 1) << "requests, not pages";
  EXPECT_EQ(dma0.numa_hit, 1) << "another zone of the preferred node is a hit";
  EXPECT_EQ(normal0.numa_foreign, 1);
  EXPECT_EQ(normal1.numa_miss, 1);
  EXPECT_EQ(normal1.numa_hit, 1);
  EXPECT_EQ(normal0.numa_local + dma0.numa_local, 2);
  EXPECT_EQ(normal1.numa_other, 2);
}

TEST(EventLog, PutsDirectReclaimWhereTheRequestLookedFirst) {
  Listener run;
  const Task writer = task(1, "writer", 0);

  run.at(1ms);
  run.hear(writer, kPass, kNormal1Low, event::WatermarkTest{kNormal0, {125}, {50}, false},
           event::PassEnd{false, {}, {}});
  run.hear(writer, event::DirectReclaimBegin{GFP_USER, Order{0}});
  run.at(5ms);
  run.hear(writer, event::DirectReclaimEnd{GFP_USER, Order{0}, true, {32}});
  run.hear(writer, kPass, event::Allocated{GFP_USER, Order{0}, Pfn{7}, kNormal1, kNormal1});
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(), ElementsAre("1000..5000 direct_reclaim writer 1/Normal 32 progress"));
  EXPECT_EQ(totals.served_in_later_pass, 1);
  EXPECT_EQ(totals.request_wait_ns().max(), to_ns(4ms));
  EXPECT_EQ(totals.direct_reclaim_ns.sum(), to_ns(4ms));
  EXPECT_EQ(totals.direct_reclaimed, PageCount{32});
}

TEST(EventLog, KeepsARequestMadeWithinReclaimApartFromItsOwner) {
  Listener run;
  const Task writer = task(1, "writer", 0);

  run.hear(writer, kPass, kNormal1Low, event::DirectReclaimBegin{GFP_USER, Order{0}});
  run.at(1ms);
  run.serve(writer, kDma0, kDma0);
  run.at(3ms);
  run.hear(writer, event::DirectReclaimEnd{GFP_USER, Order{0}, false, {0}},
           event::AllocFailed{GFP_USER, Order{0}, true});
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(), ElementsAre("0..3000 direct_reclaim writer 1/Normal 0 no_progress",
                                      "3000..3000 alloc_failed writer 1/Normal warned"));
  EXPECT_EQ(totals.requests, 2);
  EXPECT_EQ(totals.served_in_first_pass, 1);
  EXPECT_EQ(totals.failed, 1);
  EXPECT_EQ(totals.request_wait_ns().max(), to_ns(3ms));
}

TEST(EventLog, TellsHowACongestionWaitEnded) {
  Listener run;
  const Task writer = task(1, "writer", 0);
  const Task kswapd = task(2, "kswapd1", 1);

  run.hear(writer, event::CongestionWaitBegin{IoDirection::write, Jiffies{5}});
  run.hear(kswapd, event::CongestionWaitBegin{IoDirection::write, Jiffies{25}});
  run.at(20ms);
  run.hear(writer, event::CongestionWaitEnd{IoDirection::write, true});
  run.at(30ms);
  run.hear(kswapd, event::CongestionWaitEnd{IoDirection::write, false});
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(), ElementsAre("0..20000 congestion_wait writer 0 5 write:timed_out",
                                      "0..30000 congestion_wait kswapd1 1 25 write:woken"));
  EXPECT_EQ(totals.congestion_waits_timed_out, 1);
  EXPECT_EQ(totals.congestion_waits_woken, 1);
  EXPECT_EQ(totals.congestion_wait_ns.sum(), to_ns(50ms));
}

TEST(EventLog, CountsOnlyWakeUpsOfASleepingKswapd) {
  Listener run;
  const Task reader = task(1, "reader", 0);
  const Task kswapd = task(2, "kswapd0", 0);

  run.hear(reader, event::KswapdWake{kNormal0, Order{1}, true},
           event::KswapdWake{kDma0, Order{0}, false});
  run.at(1ms);
  run.hear(kswapd, event::KswapdBegin{NodeId{0}, Order{1}});
  run.at(4ms);
  run.hear(kswapd, event::KswapdEnd{NodeId{0}, Order{1}, {64}});
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(),
              ElementsAre("0..0 kswapd_wake reader 0/Normal", "1000..4000 kswapd kswapd0 0 64"));
  EXPECT_EQ(totals.kswapd[0].wakeups, 1);
  EXPECT_EQ(totals.kswapd[0].runs, 1);
  EXPECT_EQ(totals.kswapd[0].awake, 3ms);
  EXPECT_EQ(totals.kswapd[0].reclaimed, PageCount{64});
}

TEST(EventLog, MergesRepeatedCongestionIntoOneInterval) {
  Listener run;
  const Task disk = task(0, "interrupt", 0);
  const event::CongestionSet set{DeviceId{0}, IoDirection::write};
  const event::CongestionCleared cleared{DeviceId{0}, IoDirection::write};

  run.hear(disk, cleared, set);
  run.at(1ms);
  run.hear(disk, set);
  run.at(2ms);
  run.hear(disk, cleared, cleared);
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(), ElementsAre("0..2000 congested sda:write"));
  EXPECT_EQ(totals.congestion[0][1].intervals, 1);
  EXPECT_EQ(totals.congestion[0][1].congested, 2ms);
  EXPECT_EQ(totals.congestion[0][0].intervals, 0);
}

TEST(EventLog, NamesAnOomVictimThatNeverTookAStep) {
  Listener run;
  const Task writer = task(1, "writer", 0);

  run.log().name_task(TaskId{9}, "hog");
  run.at(7us);
  run.hear(writer, event::OomKill{TaskId{9}, 412}, event::OomKill{TaskId{10}, 1});
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(),
              ElementsAre("7..7 oom_kill writer 0 412 hog", "7..7 oom_kill writer 0 1 task 10"));
  ASSERT_EQ(totals.oom_kills.size(), 2u);
  EXPECT_EQ(totals.oom_kills[0].victim_name, "hog");
  EXPECT_EQ(totals.oom_kills[0].killer_name, "writer");
}

TEST(EventLog, EndsTheSleepOfAnOomLockLoserWithItsNextPass) {
  Listener run;
  const Task writer = task(1, "writer", 0);

  run.hear(writer, kPass, kNormal1Low, event::OomLockLost{}, event::SleepTicks{Jiffies{1}});
  run.at(4ms);
  run.serve(writer, kNormal1, kNormal1);
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(),
              ElementsAre("0..0 oom_lock_lost writer 0", "0..4000 oom_wait writer 1/Normal 1"));
  EXPECT_EQ(totals.oom_wait_ns.sum(), to_ns(4ms));
}

TEST(EventLog, ClosesWhatIsOpenAtTheEndInTheOrderOfItsBeginning) {
  Listener run;
  const Task disk = task(0, "interrupt", 0);
  const Task writer = task(5, "writer", 0);
  const Task kswapd = task(2, "kswapd1", 1);

  run.hear(kswapd, event::KswapdBegin{NodeId{1}, Order{0}});
  run.at(1ms);
  run.hear(writer, kPass, event::DirectReclaimBegin{GFP_USER, Order{0}},
           event::CongestionWaitBegin{IoDirection::write, Jiffies{5}});
  run.hear(disk, event::CongestionSet{DeviceId{0}, IoDirection::read});
  run.at(9ms);
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(), ElementsAre("0..9000 kswapd kswapd1 1 open",
                                      "1000..9000 direct_reclaim writer 0 open",
                                      "1000..9000 congestion_wait writer 0 5 write:open",
                                      "1000..9000 congested sda:read:open"));
  EXPECT_EQ(totals.kswapd[1].awake, 9ms);
  EXPECT_EQ(totals.unfinished, 1);
}

TEST(EventLog, CountsThePagesThatAReclaimStillOpenAtTheEndHasReclaimed) {
  Listener run;
  const Task writer = task(5, "writer", 0);
  Task kswapd = task(2, "kswapd1", 1);
  kswapd.is_kswapd = true;

  run.hear(kswapd, event::KswapdBegin{NodeId{1}, Order{0}},
           event::ZoneShrunk{kNormal1, 12, {}, {32}, {32}, {30}},
           event::KswapdEnd{NodeId{1}, Order{0}, {34}});  // four of them slab pages
  run.hear(kswapd, event::KswapdBegin{NodeId{1}, Order{0}},
           event::ZoneShrunk{kNormal1, 12, {}, {32}, {32}, {20}},
           event::ZoneShrunk{kNormal1, 11, {}, {32}, {32}, {5}});
  run.hear(writer, kPass, event::DirectReclaimBegin{GFP_USER, Order{0}},
           event::ZoneShrunk{kNormal0, 12, {}, {32}, {32}, {8}});
  run.at(9ms);
  const EventTotals totals = run.finish();

  EXPECT_THAT(run.rows(),
              ElementsAre("0..0 kswapd kswapd1 1 34", "0..9000 kswapd kswapd1 1 25 open",
                          "0..9000 direct_reclaim writer 0 8 open"));
  EXPECT_EQ(totals.kswapd[1].reclaimed, PageCount{34 + 25});
  EXPECT_EQ(totals.direct_reclaimed, PageCount{8});
}

TEST(EventLog, AccountsForEveryRequest) {
  Listener run;
  const Task reader = task(1, "reader", 0);
  const Task writer = task(2, "writer", 1);

  for (int i = 0; i < 5; ++i) run.serve(reader, kNormal0, kNormal0);
  run.hear(reader, kPass, kPass, event::Allocated{GFP_USER, Order{1}, Pfn{1}, kDma0, kNormal0});
  run.hear(reader, kPass, event::AllocFailed{GFP_ATOMIC, Order{4}, false});
  run.hear(writer, kPass);
  run.hear(reader, event::Freed{Order{1}, Pfn{1}, kDma0, false});
  const EventTotals totals = run.finish();

  EXPECT_EQ(totals.requests, totals.served_in_first_pass + totals.served_in_later_pass +
                                 totals.failed + totals.unfinished);
  EXPECT_EQ(totals.requests, 8);
  std::int64_t served = 0;
  for (const std::int64_t of_order : totals.served_by_order) served += of_order;
  EXPECT_EQ(served, totals.served_in_first_pass + totals.served_in_later_pass);
  EXPECT_EQ(totals.request_wait_ns().count(), totals.requests - totals.unfinished);
  EXPECT_EQ(totals.zones[0].pages_served - totals.zones[0].pages_freed, PageCount{0});
}

TEST(EventLog, TellsSwapByZoneAndByFault) {
  Listener run;
  const Task hog = task(1, "hog", 0);

  run.hear(hog, event::SwapOut{Pfn{1}}, event::SwapOut{Pfn{2}},
           event::ZoneShrunk{kNormal1, 12, {}, {}, {32}, {}},
           event::ZoneShrunk{kNormal0, 12, {}, {}, {32}, {}});
  run.at(1ms);
  run.hear(hog, event::SwapInBegin{}, event::SwapIn{Pfn{3}}, event::SwapIn{Pfn{4}});
  run.at(3ms);
  run.hear(hog, event::SwapInEnd{});
  run.finish();

  EXPECT_THAT(run.rows(),
              ElementsAre("0..0 swap_out hog 1/Normal 2", "1000..3000 swap_in hog 0 2"));
}

TEST(EventLog, TellsWritebackByDeviceAndWhoIsHeldBack) {
  Listener run;
  const Task writer = task(1, "writer", 0), pdflush = task(2, "pdflush", 0);

  run.hear(writer, event::DirtyThrottleBegin{DeviceId{0}}, event::WritebackBegin{DeviceId{0}});
  run.at(2ms);
  run.hear(pdflush, event::PdflushBegin{true});
  run.hear(writer, event::DirtyThrottleEnd{DeviceId{0}, {48}});
  run.at(4ms);
  run.hear(pdflush, event::PdflushEnd{true, {5}});
  run.finish();

  EXPECT_THAT(run.rows(),
              ElementsAre("0..2000 dirty_throttle writer 0 48 sda",
                          "2000..4000 pdflush pdflush 5 periodic", "0..4000 writeback sda:open"));
}

TEST(EventLog, WritesEachLineTheKernelPrints) {
  Listener run;
  const Task nic = task(1, "nic", 0);
  run.log().on_printk([](const Task&, const Event&) {
    return std::vector<std::string>{"one", "two"};
  });

  run.hear(nic, kPass, event::AllocFailed{GFP_ATOMIC, Order{0}, true});
  run.hear(nic, kPass, event::AllocFailed{GFP_ATOMIC, Order{0}, false});
  run.finish();

  EXPECT_THAT(run.rows(), ElementsAre("0..0 alloc_failed nic 0 warned", "0..0 printk nic 0 one",
                                      "0..0 printk nic 0 two", "0..0 alloc_failed nic 0 quiet"));
}

/// Hears every kind of step there is a row of.
Rows rows_of_each_kind() {
  Listener run;
  const Task reader = task(1, "reader", 0), kswapd = task(2, "kswapd0", 0);
  run.log().on_printk([](const Task&, const Event&) { return std::vector<std::string>{"told"}; });
  run.hear(reader, kPass, kNormal1Low, event::KswapdWake{kNormal1, Order{0}, true});
  run.hear(kswapd, event::KswapdBegin{NodeId{1}, Order{0}},
           event::KswapdEnd{NodeId{1}, Order{0}, {}});
  run.hear(reader, event::DirectReclaimBegin{GFP_USER, Order{0}}, event::PdflushWake{{64}},
           event::CongestionWaitBegin{IoDirection::write, Jiffies{25}},
           event::CongestionWaitEnd{IoDirection::write, true},
           event::DirectReclaimEnd{GFP_USER, Order{0}, false, {}});
  run.hear(reader, event::CongestionSet{DeviceId{0}, IoDirection::write},
           event::CongestionCleared{DeviceId{0}, IoDirection::write},
           event::WriteFailed{DeviceId{0}, {8}});
  run.hear(reader, event::SwapOut{Pfn{7}}, event::ZoneShrunk{kNormal1, 12, {}, {}, {32}, {}},
           event::SwapInBegin{}, event::SwapIn{Pfn{8}}, event::SwapInEnd{},
           event::DirtyThrottleBegin{DeviceId{0}}, event::DirtyThrottleEnd{DeviceId{0}, {9}},
           event::PdflushBegin{false}, event::PdflushEnd{false, {10}},
           event::WritebackBegin{DeviceId{0}}, event::WritebackEnd{DeviceId{0}});
  run.hear(reader, event::OomLockLost{}, kPass,
           event::OutOfMemory{GFP_USER, Order{0}, OomConstraint::none, kNormal1},
           event::OomKill{TaskId{2}, 9}, event::AllocFailed{GFP_USER, Order{0}, true},
           event::FaultInjected{GFP_ATOMIC, Order{1}, kNormal0}, event::Panic{"out of memory"});
  run.finish();
  return run.rows();
}

TEST(EventLog, WritesARowOfEachKind) {
  std::set<std::string> kinds;
  for (const std::string& row : rows_of_each_kind()) {
    const std::size_t begin = row.find(' ') + 1;
    kinds.insert(row.substr(begin, row.find(' ', begin) - begin));
  }
  for (const std::string_view kind : kEventKindNames)
    EXPECT_TRUE(kinds.contains(std::string(kind))) << kind;
}

TEST(EventLogDeathTest, StopsWhenTheClockGoesBack) {
  Listener run;
  const Task reader = task(1, "reader", 0);

  run.at(2ms);
  run.hear(reader, kPass);
  run.at(1ms);
  EXPECT_DEATH(run.hear(reader, kPass), "date_ns 1000000 latest_ns 2000000");
}

}  // namespace
}  // namespace numasim::results
