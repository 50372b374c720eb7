#pragma once
// The request queue of a block device: merging, plugging, and the order of dispatch, after
// block/ll_rw_blk.c and block/elevator.c of Linux 2.6.24. Kernel code only: no clock, no media,
// no sleeping. Who owns it brings the date and does what it asks for.

#include <boost/intrusive/set.hpp>
#include <list>
#include <optional>
#include <vector>

#include "allocator/machine.hpp"
#include "allocator/units.hpp"
#include "sim/hardware/request_accounting.hpp"
#include "sim/scenario.hpp"

namespace numasim {

struct ByBegin;
struct ByEnd;

/// A stretch of sectors that goes to the device as one transfer: one bio, or several merged.
struct IoRequest : boost::intrusive::set_base_hook<boost::intrusive::tag<ByBegin>>,
                   boost::intrusive::set_base_hook<boost::intrusive::tag<ByEnd>> {
  explicit IoRequest(const Bio& bio);

  IoDirection direction;
  std::uint64_t begin;  // first sector
  std::uint64_t end;    // the sector after the last
  std::vector<Bio> bios;
  std::list<IoRequest>::iterator place;  // its own, in the list that holds it

  std::uint64_t sectors() const { return end - begin; }
};

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
  std::optional<Merged> merge(const Bio& bio);
  /// Otherwise it needs a request. False: the task must sleep until one is given back.
  bool get_request(TaskId task, IoDirection direction, Jiffies now) {
    return accounting_.get(task, direction, now);
  }
  void slept_for_request(TaskId task, Jiffies now) { accounting_.slept(task, now); }
  /// Then its request joins the queue. An empty queue is plugged first, so that more can merge.
  void add(const Bio& bio);

  bool plugged() const { return plugged_; }
  void unplug() { plugged_ = false; }

  /// The device takes the next request, if it may have one; null otherwise. noop: the one that
  /// came first. cfq: one sweep over the sectors after another, always upwards, both directions
  /// together.
  /// Differs from Linux: CFQ serves processes in turn and prefers reads.
  const IoRequest* dispatch();
  /// The device is done with a request: it is given back and no longer exists.
  Freed complete(const IoRequest& request);

  /// Requests that wait for the device.
  int waiting() const { return static_cast<int>(waiting_.size()); }
  int in_flight() const { return static_cast<int>(in_flight_.size()); }
  const RequestAccounting& accounting() const { return accounting_; }

 private:
  struct BeginKey {
    using type = std::uint64_t;
    type operator()(const IoRequest& request) const { return request.begin; }
  };
  struct EndKey {
    using type = std::uint64_t;
    type operator()(const IoRequest& request) const { return request.end; }
  };
  template <class Tag, class Key>
  using Sorted = boost::intrusive::multiset<
      IoRequest,
      boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<Tag>>>,
      boost::intrusive::key_of_value<Key>>;
  using Requests = std::list<IoRequest>;

  bool fits(const IoRequest& request, std::uint64_t more_sectors) const;
  IoRequest* beginning_at(std::uint64_t sector, IoDirection direction);
  IoRequest* ending_at(std::uint64_t sector, IoDirection direction);
  std::optional<Merged> merge_behind(IoRequest& request, const Bio& bio);
  std::optional<Merged> merge_before(IoRequest& request, const Bio& bio);
  IoRequest* request_behind(const IoRequest& request);
  Merged join(IoRequest& first, IoRequest& second);
  IoRequest& next_to_dispatch();
  void forget(IoRequest& request);

  RequestQueueConfig config_;
  RequestAccounting accounting_;
  bool plugged_ = false;
  Requests waiting_;
  Requests in_flight_;
  Sorted<ByBegin, BeginKey> by_begin_;  // of those that wait; equal keys in order of arrival
  Sorted<ByEnd, EndKey> by_end_;
  IoRequest* last_merge_ = nullptr;  // tried first
  std::uint64_t head_ = 0;           // where the last dispatched request ends
};

}  // namespace numasim
