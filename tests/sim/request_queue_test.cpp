// The request queue of a block device, without device and clock: counts, marks, merging, plug.
// tests/golden compares the counts and marks with those of recorded queues, operation by operation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/hardware/request_queue.hpp"

namespace numasim {
namespace {

constexpr IoDirection kRead = IoDirection::read;
constexpr IoDirection kWrite = IoDirection::write;
constexpr Jiffies kNow{1000};
constexpr TaskId kWriter{1}, kOther{2};
constexpr Submitter kBy{kWriter};

/// Takes `count` write requests for kWriter.
void take(RequestAccounting& accounting, int count) {
  for (int i = 0; i < count; ++i) ASSERT_TRUE(accounting.get(kWriter, kWrite, kNow)) << i;
}

TEST(RequestAccounting, BecomesCongestedAt113AndClearsBelow103) {
  RequestAccounting accounting(128, 250);
  take(accounting, 112);
  EXPECT_FALSE(accounting.congested(kWrite));
  take(accounting, 1);
  EXPECT_TRUE(accounting.congested(kWrite));
  EXPECT_FALSE(accounting.congested(kRead));

  while (accounting.count(kWrite) > 103) EXPECT_FALSE(accounting.put(kWrite).below_off);
  EXPECT_TRUE(accounting.congested(kWrite));
  EXPECT_TRUE(accounting.put(kWrite).below_off);
  EXPECT_FALSE(accounting.congested(kWrite));
}

TEST(RequestAccounting, TellsEachFreedRequestBelowTheOffMark) {
  RequestAccounting accounting(128, 250);
  take(accounting, 2);
  EXPECT_TRUE(accounting.put(kWrite).below_off);
  EXPECT_TRUE(accounting.put(kWrite).below_off);
}

TEST(RequestAccounting, LetsWhoFillsItTakeABatchAndNobodyElse) {
  RequestAccounting accounting(128, 250);
  take(accounting, 128);
  EXPECT_TRUE(accounting.full(kWrite));
  EXPECT_EQ(accounting.batch_left(kWriter), 31);

  EXPECT_FALSE(accounting.get(kOther, kWrite, kNow));
  take(accounting, 31);
  EXPECT_FALSE(accounting.get(kWriter, kWrite, kNow));
  EXPECT_TRUE(accounting.get(kOther, kRead, kNow));
}

TEST(RequestAccounting, EndsABatchAfterAFiftiethOfASecondButNotBeforeItsFirstRequest) {
  RequestAccounting accounting(128, 250);
  take(accounting, 128);
  EXPECT_FALSE(accounting.get(kWriter, kWrite, kNow + Jiffies{5}));

  accounting.slept(kOther, kNow);
  EXPECT_TRUE(accounting.get(kOther, kWrite, kNow + Jiffies{50}));
  EXPECT_FALSE(accounting.get(kOther, kWrite, kNow + Jiffies{51}));
}

TEST(RequestAccounting, RefusesEverybodyAtOneAndAHalfTimesItsSize) {
  RequestAccounting accounting(4, 250);
  take(accounting, 6);
  EXPECT_GT(accounting.batch_left(kWriter), 0);
  EXPECT_FALSE(accounting.get(kWriter, kWrite, kNow));
}

Bio bio(std::uint64_t sector, int pages = 1, IoDirection direction = kWrite) {
  return {direction, DeviceId{0}, sector, to_bytes(PageCount{pages}), false, sector};
}

/// A queue with these bios in it, none of them merged; the plug is off.
RequestQueue queue_of(const std::vector<Bio>& bios, int max_sectors = 1024,
                      Elevator elevator = Elevator::cfq) {
  RequestQueue queue({.max_sectors = max_sectors, .elevator = elevator});
  for (const Bio& each : bios) {
    EXPECT_FALSE(queue.merge(each, kBy));
    EXPECT_TRUE(queue.get_request(each, kBy, kNow));
    queue.add(each, kBy, kNow);
  }
  queue.unplug();
  return queue;
}

TEST(RequestQueue, MergesBehindAndBeforeARequestThatWaits) {
  RequestQueue queue = queue_of({bio(80)});

  EXPECT_TRUE(queue.merge(bio(88), kBy));
  EXPECT_TRUE(queue.merge(bio(72), kBy));

  const IoRequest* request = queue.dispatch(kNow);
  EXPECT_EQ(request->begin, 72u);
  EXPECT_EQ(request->end, 96u);
  EXPECT_EQ(request->bios.size(), 3u);
  EXPECT_EQ(queue.accounting().count(kWrite), 1);
}

TEST(RequestQueue, KeepsDirectionsApart) {
  RequestQueue queue = queue_of({bio(80)});
  EXPECT_FALSE(queue.merge(bio(88, 1, kRead), kBy));
}

TEST(RequestQueue, JoinsTwoRequestsWhenABioClosesTheGap) {
  RequestQueue queue = queue_of({bio(0), bio(16)});

  const auto merged = queue.merge(bio(8), kBy);

  ASSERT_TRUE(merged && merged->freed);
  EXPECT_EQ(queue.accounting().count(kWrite), 1);
  EXPECT_EQ(queue.dispatch(kNow)->end, 24u);
}

TEST(RequestQueue, MakesNoRequestLongerThanTheDeviceTakes) {
  RequestQueue queue = queue_of({bio(0, 2)}, 24);
  EXPECT_TRUE(queue.merge(bio(16), kBy));
  EXPECT_FALSE(queue.merge(bio(24), kBy));
}

TEST(RequestQueue, DoesNotMergeWithARequestAtTheDevice) {
  RequestQueue queue = queue_of({bio(0)});
  queue.dispatch(kNow);
  EXPECT_FALSE(queue.merge(bio(8), kBy));
}

TEST(RequestQueue, ServesWhatTheElevatorChoseInOneSweepAndTakesLaterOnesOnlyThen) {
  RequestQueue queue = queue_of({bio(800), bio(80), bio(400)});
  std::vector<std::uint64_t> order;
  const auto serve = [&] {
    const IoRequest* request = queue.dispatch(kNow);
    order.push_back(request->begin);
    queue.complete(*request, kNow);
  };
  serve();
  ASSERT_FALSE(queue.merge(bio(88), kBy)) << "a request chosen for the device grew";
  ASSERT_TRUE(queue.get_request(bio(88), kBy, kNow));
  queue.add(bio(88), kBy, kNow);
  for (int i = 0; i < 3; ++i) serve();
  EXPECT_THAT(order, testing::ElementsAre(80, 400, 800, 88));
}

TEST(RequestQueue, HoldsThreeRequestsBackAndLetsTheFourthGo) {
  RequestQueue queue({});
  for (std::uint64_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(queue.get_request(bio(40), kBy, kNow));
    queue.add(bio(i * 100), kBy, kNow);
    EXPECT_EQ(queue.plugged(), i < 3) << i;
    EXPECT_EQ(queue.dispatch(kNow) == nullptr, i < 3) << i;
  }
}

TEST(RequestQueue, UnplugDelayIsThreeMillisecondsButAtLeastOneTick) {
  EXPECT_EQ(RequestQueue::unplug_delay(1000), Jiffies{3});
  EXPECT_EQ(RequestQueue::unplug_delay(250), Jiffies{1});
  EXPECT_EQ(RequestQueue::unplug_delay(100), Jiffies{1});
}

}  // namespace
}  // namespace numasim
