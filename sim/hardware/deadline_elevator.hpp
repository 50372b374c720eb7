#pragma once
// The deadline elevator: sweeps in one direction at a time, in batches, and no request waits much
// longer than its deadline (block/deadline-iosched.c, Linux 2.6.24).

#include <array>

#include "sim/hardware/elevator.hpp"

namespace numasim {

class DeadlineElevator final : public ElevatorQueue {
 public:
  /// Requests of one direction served in a row (fifo_batch).
  static constexpr int kBatch = 16;
  /// So many batches of reads pass writes that wait (writes_starved).
  static constexpr int kWritesStarved = 2;
  /// A read wants to be served within half a second, a write within five (read_expire,
  /// write_expire).
  static constexpr std::array<Jiffies, 2> expire(int hz) { return {Jiffies{hz / 2}, {5 * hz}}; }

  explicit DeadlineElevator(int hz) : expire_(expire(hz)) {}

  IoRequest* begins_behind(const Bio& bio, const Submitter& by) override;
  Urgency add(IoRequest& request, const Submitter& by, Jiffies now) override;
  IoRequest* former(IoRequest& request) override;
  IoRequest* latter(IoRequest& request) override;
  void begins_at(IoRequest& request, std::uint64_t sector) override;
  void join(IoRequest& first, IoRequest& second) override;
  std::vector<IoRequest*> dispatch(Jiffies now) override;

 private:
  struct Side {
    SortedRequests sorted;
    RequestsInTurn in_turn;     // by deadline
    IoRequest* next = nullptr;  // goes on where the last one of this direction ended
  };

  Side& of(const IoRequest& request) { return sides_[index(request.direction)]; }
  IoDirection next_direction();
  IoRequest& first_of_batch(IoDirection direction, Jiffies now);
  void remove(IoRequest& request);

  std::array<Jiffies, 2> expire_;
  std::array<Side, 2> sides_;
  int served_in_batch_ = 0;
  int starved_ = 0;  // batches of reads since writes began to wait
};

}  // namespace numasim
