// What each elevator lets the device do, request by request, and who starves under which. A queue
// and a clock of ticks; no device, no SimGrid.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "sim/hardware/cfq_elevator.hpp"
#include "sim/hardware/deadline_elevator.hpp"
#include "sim/hardware/request_queue.hpp"

namespace numasim {
namespace {

constexpr IoDirection kRead = IoDirection::read;
constexpr IoDirection kWrite = IoDirection::write;
constexpr TaskId kWriter{1}, kReader{2}, kOther{3};
constexpr std::uint64_t kPageSectors = kPageBytes / kSectorBytes;

/// A queue with a device behind it that takes one request at a time.
class Desk {
 public:
  explicit Desk(Elevator elevator, int nr_requests = 1024)
      : queue_({.nr_requests = nr_requests, .elevator = elevator}) {}

  Jiffies now{1000};

  Bio bio(IoDirection direction, std::uint64_t sector) const {
    return {direction, DeviceId{0}, sector, Bytes{kPageBytes}, false, 0};
  }
  bool submit(TaskId by, IoDirection direction, std::uint64_t sector, int nice = 0) {
    const Bio wanted = bio(direction, sector);
    if (queue_.merge(wanted, {by, nice})) return true;
    if (!queue_.get_request(wanted, {by, nice}, now)) return false;
    queue_.add(wanted, {by, nice}, now);
    queue_.unplug();
    return true;
  }
  /// Pages apart, so that none merge.
  void submit_many(TaskId by, IoDirection direction, std::uint64_t from, int count) {
    for (int i = 0; i < count; ++i)
      submit(by, direction, from + static_cast<std::uint64_t>(i) * 100 * kPageSectors);
  }
  /// The device takes the next request and has done it `ticks` later. Null: it is given none.
  std::optional<IoRequest> serve(std::int64_t ticks = 1) {
    const IoRequest* request = queue_.dispatch(now);
    if (!request) return std::nullopt;
    IoRequest served({request->direction, DeviceId{0}, request->begin,
                      Bytes{request->sectors() * kSectorBytes}, false, 0},
                     request->task, request->queued);
    now = now + Jiffies{ticks};
    queue_.complete(*request, now);
    return served;
  }
  /// Directions of the next `count` requests served, "r" and "w".
  std::string serve_many(int count, std::int64_t ticks = 1) {
    std::string order;
    for (int i = 0; i < count; ++i) {
      const auto served = serve(ticks);
      order += !served ? '-' : served->direction == kRead ? 'r' : 'w';
    }
    return order;
  }
  RequestQueue& queue() { return queue_; }

 private:
  RequestQueue queue_;
};

TEST(NoopElevator, MakesAReadWaitForAllWritesBeforeIt) {
  Desk desk(Elevator::noop);
  desk.submit_many(kWriter, kWrite, 0, 100);
  desk.submit(kReader, kRead, 1'000'000);
  EXPECT_EQ(desk.serve_many(101), std::string(100, 'w') + 'r');
}

TEST(DeadlineElevator, LetsAReadPassWritesAndGivesWritesABatchAfterTwoOfReads) {
  Desk desk(Elevator::deadline);
  desk.submit_many(kWriter, kWrite, 0, 100);
  desk.submit_many(kReader, kRead, 10'000'000, 100);
  const std::string reads(DeadlineElevator::kBatch, 'r'), writes(DeadlineElevator::kBatch, 'w');
  EXPECT_EQ(desk.serve_many(112), reads + reads + writes + reads + reads + writes + reads);
}

TEST(DeadlineElevator, GoesBackBetweenBatchesForAReadOlderThanHalfASecond) {
  for (const auto& [ticks, expected] : {std::pair{1, 10'011'200u}, std::pair{20, 8u}}) {
    Desk desk(Elevator::deadline);
    desk.submit(kReader, kRead, 500'000);
    desk.submit(kReader, kRead, 600'000);
    desk.serve(0);
    desk.submit(kReader, kRead, 8);  // the sweep is past it
    desk.submit_many(kReader, kRead, 10'000'000, 40);
    EXPECT_EQ(desk.serve_many(DeadlineElevator::kBatch - 1, ticks).find('-'), std::string::npos);
    EXPECT_EQ(desk.serve()->begin, expected) << ticks;
  }
}

TEST(CfqElevator, LetsAReadPassAllWaitingWrites) {
  Desk desk(Elevator::cfq);
  desk.submit_many(kWriter, kWrite, 0, 100);
  desk.serve_many(3);
  desk.submit(kReader, kRead, 1'000'000);
  const std::string order = desk.serve_many(20);
  // Writes chosen before are served first: 13 are left of the 16 of a round.
  EXPECT_EQ(order.substr(0, 14), std::string(13, 'w') + 'r');
}

TEST(CfqElevator, KeepsTheDeviceIdleForTheReadersNextRequestTwoTicksAndNoLonger) {
  Desk desk(Elevator::cfq);
  desk.submit(kReader, kRead, 0);
  desk.submit_many(kWriter, kWrite, 1'000'000, 10);
  EXPECT_EQ(desk.serve_many(2), "r-");  // writes wait, and yet nothing goes

  EXPECT_EQ(desk.queue().elevator_wakes_up(), desk.now + Jiffies{2});
  desk.submit(kReader, kRead, 8);
  EXPECT_EQ(desk.serve_many(2), "r-");

  desk.now = *desk.queue().elevator_wakes_up();
  desk.queue().wake_elevator(desk.now);
  EXPECT_EQ(desk.serve_many(1), "w");
}

TEST(CfqElevator, DoesNotIdleForATaskThatHasEnded) {
  Desk desk(Elevator::cfq);
  desk.submit(kReader, kRead, 0);
  desk.submit_many(kWriter, kWrite, 1'000'000, 10);
  desk.serve();
  desk.queue().task_ended(kReader, desk.now);
  EXPECT_EQ(desk.serve_many(1), "w");
}

TEST(CfqElevator, GivesReadersSlicesInTurn) {
  Desk desk(Elevator::cfq);
  desk.submit_many(kReader, kRead, 0, 60);
  desk.submit_many(kOther, kRead, 10'000'000, 60);
  std::vector<std::uint64_t> order;
  std::vector<Jiffies> turns;  // dates at which the other reader gets the device
  for (TaskId last{0}; turns.size() < 4;) {
    const Jiffies begin = desk.now;
    const auto served = desk.serve(5);
    ASSERT_TRUE(served);
    if (served->task != last) turns.push_back(begin);
    last = served->task;
  }
  // A slice of 25 ticks counts from its first completion; it is used up as a request ends.
  for (std::size_t i = 1; i + 1 < turns.size(); ++i) {
    EXPECT_GE(turns[i + 1] - turns[i], Jiffies{25});
    EXPECT_LE(turns[i + 1] - turns[i], Jiffies{25 + 4 * 5 + 5});
  }
}

/// A reader that has its next request ready as soon as one is done, beside a hundred writes.
TEST(CfqElevator, WritesGetTheirSharesBesideABusyReader) {
  Desk desk(Elevator::cfq);
  desk.submit_many(kWriter, kWrite, 10'000'000, 400);
  std::string order;
  std::uint64_t sector = 0;
  for (int i = 0; i < 300; ++i) {
    if (i == 0 || order.back() == 'r') desk.submit(kReader, kRead, sector += kPageSectors);
    order += desk.serve_many(1);
  }
  const auto reads = std::ranges::count(order, 'r');
  const auto writes = std::ranges::count(order, 'w');
  EXPECT_EQ(reads + writes, 300);
  EXPECT_GT(writes, 40);
  EXPECT_GT(reads, writes);
}

TEST(CfqElevator, ServesAWriteThatIsAQuarterOfASecondOldFirstInItsSlice) {
  Desk desk(Elevator::cfq);
  desk.submit(kWriter, kWrite, 10'000'000);  // the head starts at 0: the sweep comes here last
  desk.now = desk.now + Jiffies{62};
  desk.submit_many(kWriter, kWrite, 0, 100);
  desk.queue().unplug();
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 16; ++i) order.push_back(desk.serve()->begin);
  EXPECT_EQ(std::ranges::count(order, 10'000'000u), 1) << "among the sixteen chosen first";
}

TEST(CfqElevator, ChoosesAWayBackIfItIsLessThanHalfTheWayUp) {
  for (const auto& [above, first] : {std::pair{100'400u, 99'900u}, std::pair{100'100u, 100'100u}}) {
    std::deque<IoRequest> requests;
    CfqElevator elevator(CfqSettings::at(250));
    const auto add = [&](std::uint64_t sector) {
      const Bio read{kRead, DeviceId{0}, sector, Bytes{kPageBytes}, false, 0};
      elevator.add(requests.emplace_back(read, kReader, Jiffies{0}), {kReader}, Jiffies{0});
    };
    add(100'000 - kPageSectors);
    elevator.started(*elevator.dispatch(Jiffies{0}).front());
    add(above);
    add(99'900);
    EXPECT_EQ(elevator.dispatch(Jiffies{0}).front()->begin, first);
  }
}

TEST(CfqElevator, MergesOnlyIntoRequestsOfTheSameTask) {
  Desk desk(Elevator::cfq);
  desk.submit(kReader, kRead, 80);
  desk.submit(kOther, kRead, 1000);
  EXPECT_FALSE(desk.queue().merge(desk.bio(kRead, 88), {kOther}));
  EXPECT_TRUE(desk.queue().merge(desk.bio(kRead, 88), {kReader}));
}

TEST(CfqElevator, WritesOfTwoTasksMergeOnceBothHaveWritten) {
  Desk desk(Elevator::cfq);
  desk.submit(kWriter, kWrite, 80);
  EXPECT_FALSE(desk.queue().merge(desk.bio(kWrite, 88), {kOther}));
  desk.submit(kOther, kWrite, 5000);
  EXPECT_TRUE(desk.queue().merge(desk.bio(kWrite, 88), {kOther}));
}

TEST(CfqElevator, InsistsOnARequestForTheTaskThatTheDeviceStandsIdleFor) {
  Desk desk(Elevator::cfq, 4);
  desk.submit(kReader, kRead, 0);
  desk.serve();
  for (const std::uint64_t sector : {10'000'000u, 11'000'000u, 12'000'000u, 13'000'000u})
    ASSERT_TRUE(desk.submit(kOther, kRead, sector));
  ASSERT_TRUE(desk.queue().accounting().full(kRead));

  EXPECT_FALSE(desk.submit(kWriter, kRead, 20'000'000));
  EXPECT_TRUE(desk.submit(kReader, kRead, 8));
}

TEST(CfqElevator, ANicerTaskHasShorterSlices) {
  const CfqElevator elevator(CfqSettings::at(250));
  EXPECT_EQ(elevator.slice_of(true, 4), Jiffies{25});
  EXPECT_EQ(elevator.slice_of(true, 0), Jiffies{45});
  EXPECT_EQ(elevator.slice_of(true, 7), Jiffies{10});
  EXPECT_EQ(elevator.slice_of(false, 4), Jiffies{10});
}

}  // namespace
}  // namespace numasim
