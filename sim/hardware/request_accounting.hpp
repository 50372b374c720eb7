#pragma once
// How many requests a device's queue holds, who may have one more, and when the queue counts as
// congested. Follows block/ll_rw_blk.c of Linux 2.6.24 (get_request, freed_request, batching).
// Pure counting: no clock, no waiting; the caller brings the date and does the sleeping.
// Differs from Linux: no elevator refuses a request, so no direction is ever starved.

#include <array>
#include <map>

#include "allocator/units.hpp"

namespace numasim {

/// Where a queue of so many requests becomes congested, stops being so, and is full for good.
struct QueueThresholds {
  int on = 0;          // congested from this count up
  int off = 0;         // no longer congested below this count
  int hard_limit = 0;  // no request beyond this count, for nobody

  static QueueThresholds of(int nr_requests);
};

/// The request counts of one queue, each direction for itself.
class RequestAccounting {
 public:
  /// A task that has waited for a request may take so many in a row from a full queue
  /// (BLK_BATCH_REQ) ...
  static constexpr int kBatchRequests = 32;
  /// ... within a fiftieth of a second (BLK_BATCH_TIME), and at least one.
  static constexpr Jiffies batch_time(int hz) { return {hz / 50}; }

  RequestAccounting(int nr_requests, int hz);

  /// What the elevator says of the task: one that must have a request gets it from a queue that is
  /// full for others (ELV_MQUEUE_MUST).
  enum class Right : std::uint8_t { may_have, must_have };

  /// Takes a request for `task`. False: none to be had, the task must wait for one.
  /// May mark the direction congested, even when it fails.
  bool get(TaskId task, IoDirection direction, Jiffies now, Right right = Right::may_have);

  /// What giving back a request of a direction brings about.
  struct Freed {
    bool below_off = false;     // the congestion mark is cleared, and sleepers are told
    bool may_wake_one = false;  // one task that waits for a request may try again
  };
  Freed put(IoDirection direction);

  /// The task has slept for a request: it may take a batch now.
  void slept(TaskId task, Jiffies now) { begin_batch(task, now); }

  int count(IoDirection direction) const { return of(direction).count; }
  bool congested(IoDirection direction) const { return of(direction).congested; }
  bool full(IoDirection direction) const { return of(direction).full; }
  int batch_left(TaskId task) const;
  const QueueThresholds& thresholds() const { return thresholds_; }

 private:
  struct Side {
    int count = 0;
    bool congested = false;
    bool full = false;
  };
  /// A task's right to take from a full queue (part of its io_context).
  struct Batch {
    int left = 0;
    Jiffies since;
  };

  Side& of(IoDirection direction) { return sides_[index(direction)]; }
  const Side& of(IoDirection direction) const { return sides_[index(direction)]; }
  bool is_batching(TaskId task, Jiffies now) const;
  void begin_batch(TaskId task, Jiffies now);

  int nr_requests_;
  Jiffies batch_time_;
  QueueThresholds thresholds_;
  std::array<Side, 2> sides_;
  std::map<TaskId, Batch> batches_;
};

}  // namespace numasim
