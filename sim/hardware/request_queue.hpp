#pragma once
// The request queue of a block device: merging, plugging, and the order of dispatch, after
// block/ll_rw_blk.c and block/elevator.c of Linux 2.6.24. Kernel code only: no clock, no media,
// no sleeping. Who owns it brings the date and does what it asks for.

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "allocator/machine.hpp"
#include "allocator/units.hpp"
#include "sim/disk_config.hpp"
#include "sim/hardware/elevator.hpp"
#include "sim/hardware/io_request.hpp"
#include "sim/hardware/request_accounting.hpp"

namespace numasim {

struct RequestQueueConfig {
  int nr_requests = 128;
  int max_sectors = 1024;  // the longest request that merging may make
  int queue_depth = 1;     // requests the device takes at once
  int hz = 250;
  Elevator elevator = Elevator::cfq;
};

class RequestQueue {
 public:
  using Freed = RequestAccounting::Freed;

  /// So many requests held back release the plug at once (unplug_thresh).
  static constexpr int kUnplugThreshold = 4;
  /// How long a plug holds at most (unplug_delay).
  static constexpr Jiffies unplug_delay(int hz) { return {hz * 3 / 1000 > 0 ? hz * 3 / 1000 : 1}; }

  explicit RequestQueue(const RequestQueueConfig& config);

  // A bio comes (__make_request). It joins a request that waits, if it can.

  /// Merging may close the gap between two requests; then one of them is given back.
  struct Merged {
    std::optional<Freed> freed;
  };
  std::optional<Merged> merge(const Bio& bio, const Submitter& by);
  /// Otherwise it needs a request. False: the task must sleep until one is given back.
  bool get_request(const Bio& bio, const Submitter& by, Jiffies now);
  void slept_for_request(TaskId task, Jiffies now) { accounting_.slept(task, now); }
  /// Then its request joins the queue. An empty queue is plugged first, so that more can merge.
  void add(const Bio& bio, const Submitter& by, Jiffies now);

  bool plugged() const { return plugged_; }
  void unplug() { plugged_ = false; }

  /// The device takes the next request, if it may have one; null otherwise.
  const IoRequest* dispatch(Jiffies now);
  /// The device is done with a request: it is given back and no longer exists.
  Freed complete(const IoRequest& request, Jiffies now);

  /// When the elevator wants to be told that its waiting is over; then the queue is to be run.
  std::optional<Jiffies> elevator_wakes_up() const { return elevator_->wake_up(); }
  void wake_elevator(Jiffies now) { elevator_->woken(now); }
  void task_ended(TaskId task, Jiffies now) { elevator_->task_ended(task, now); }

  /// Requests that wait for the device.
  int waiting() const { return static_cast<int>(waiting_.size()); }
  int in_flight() const { return static_cast<int>(in_flight_.size()); }
  const RequestAccounting& accounting() const { return accounting_; }

 private:
  using Requests = std::list<IoRequest>;

  bool fits(const IoRequest& request, std::uint64_t more_sectors) const;
  bool may_merge(const IoRequest& request, const Bio& bio, const Submitter& by) const;
  IoRequest* ending_at(const Bio& bio, const Submitter& by);
  std::optional<Merged> merge_behind(IoRequest& request, const Bio& bio);
  std::optional<Merged> merge_before(IoRequest& request, const Bio& bio);
  std::optional<Merged> join_if_adjoining(IoRequest* first, IoRequest* second);
  void to_device(IoRequest& request);

  RequestQueueConfig config_;
  RequestAccounting accounting_;
  bool plugged_ = false;
  Requests waiting_;  // in the elevator, or chosen by it
  Requests in_flight_;
  RequestsByEnd by_end_;  // of those in the elevator
  std::unique_ptr<ElevatorQueue> elevator_;
  std::list<IoRequest*> chosen_;     // by the elevator: the device takes these next, in this order
  IoRequest* last_merge_ = nullptr;  // tried first
  std::uint64_t head_ = 0;           // where the last dispatched request ends
};

}  // namespace numasim
