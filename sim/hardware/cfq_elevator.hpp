#pragma once
// Completely fair queueing: each task's reads and other synchronous requests have a queue, all
// writes that nobody waits for share one for each priority, and the queues get the device in turn
// for a time slice each (block/cfq-iosched.c, Linux 2.6.24).
// Differs from Linux: best-effort class only, its level from the task's nice value; no request is
// marked as metadata.

#include <array>
#include <map>
#include <optional>

#include "sim/hardware/cfq_habits.hpp"
#include "sim/hardware/elevator.hpp"

namespace numasim {

/// The requests of one task that it waits for, or those of a priority that nobody waits for.
struct CfqQueue {
  bool sync = false;
  int level = 4;                // best-effort level, 0 (first) to 7
  CfqHabits* habits = nullptr;  // of its task; null where it belongs to none
  bool abandoned = false;       // its task has ended
  SortedRequests sorted;
  RequestsInTurn in_turn;
  IoRequest* next = nullptr;    // the best for where the head stands
  int dispatched = 0;           // chosen, and not completed yet
  bool stands_in_line = false;  // has requests, and so a place among those that wait
  std::int64_t key = 0;         // its place in that line
  bool has_slice = false;       // the slice's end counts from its first completion on
  Jiffies slice_end{0};
  std::int64_t slice_left = 0;      // of the slice before, in jiffies
  bool looked_for_expired = false;  // in this slice
  bool awaits_request = false;      // the device is kept idle for it
  bool was_insisted_on = false;     // has had a request from a full queue in this slice
  bool may_idle = false;            // its task is likely to go on soon
};

/// Times in jiffies, sizes in requests.
struct CfqSettings {
  Jiffies sync_slice, async_slice;           // at the middle level
  Jiffies sync_expire, async_expire;         // a request's age that makes it the next one
  Jiffies idle;                              // how long the device waits for a task's next request
  Jiffies idle_for_seeky;                    // the same, where that task seeks far
  int quantum = 4;                           // of one queue at the device when others wait
  int async_requests = 2;                    // of an async slice, at the last level but one
  std::uint64_t back_seek_sectors = 32'768;  // further back is not looked
  int back_seek_penalty = 2;

  static constexpr CfqSettings at(int hz) {
    return {.sync_slice = {hz / 10},
            .async_slice = {hz / 25},
            .sync_expire = {hz / 8},
            .async_expire = {hz / 4},
            .idle = {hz / 125},
            .idle_for_seeky = {(2 * hz + 999) / 1000}};
  }
};

class CfqElevator final : public ElevatorQueue {
 public:
  explicit CfqElevator(const CfqSettings& settings) : settings_(settings) {}

  bool may_merge(const IoRequest& request, const Submitter& by, const Bio& bio) override;
  IoRequest* begins_behind(const Bio& bio, const Submitter& by) override;
  bool insists(const Submitter& by, const Bio& bio) override;
  Urgency add(IoRequest& request, const Submitter& by, Jiffies now) override;
  IoRequest* former(IoRequest& request) override;
  IoRequest* latter(IoRequest& request) override;
  void begins_at(IoRequest& request, std::uint64_t sector) override;
  void join(IoRequest& first, IoRequest& second) override;
  std::vector<IoRequest*> dispatch(Jiffies now) override;
  void started(const IoRequest& request) override;
  void completed(const IoRequest& request, Jiffies now) override;
  std::optional<Jiffies> wake_up() const override { return idle_until_; }
  void woken(Jiffies now) override;
  void task_ended(TaskId task, Jiffies now) override;

  /// How long a queue of this kind may keep the device.
  Jiffies slice_of(bool sync, int level) const;

 private:
  /// A task that has had a request here (io_context).
  struct Context {
    CfqHabits habits;
    CfqQueue sync;
    CfqQueue* async = nullptr;
  };
  enum class Leftover : std::uint8_t { lost, kept };

  // cfq_elevator.cpp: which requests a queue holds.
  CfqQueue* queue_for(const Submitter& by, const Bio& bio);
  CfqQueue& queue_of(const IoRequest& request, const Submitter& by);
  void consider_idling(CfqQueue& queue);
  Urgency compete(CfqQueue& queue, const IoRequest& request, Jiffies now);
  void remove(IoRequest& request);
  IoRequest* nearer(IoRequest* a, IoRequest* b) const;
  IoRequest* next_after(CfqQueue& queue, IoRequest& request) const;

  // cfq_slices.cpp: which queue has the device.
  bool slice_used(const CfqQueue& queue, Jiffies now) const;
  bool should_preempt(const CfqQueue& queue, const IoRequest& request, Jiffies now) const;
  void stand_in_line(CfqQueue& queue, std::int64_t key);
  void leave_line(CfqQueue& queue);
  std::int64_t key_behind_others(CfqQueue& queue, Jiffies now) const;
  void expire_slice(Jiffies now, Leftover leftover);
  void activate(CfqQueue* queue);
  CfqQueue* select(Jiffies now);
  void take_from(CfqQueue& queue, Jiffies now, std::vector<IoRequest*>& chosen);
  IoRequest* expired_in(CfqQueue& queue, Jiffies now) const;
  void keep_idle_for(CfqQueue& queue, Jiffies now);
  int most_in_slice(const CfqQueue& queue) const;

  CfqSettings settings_;
  std::map<TaskId, Context> contexts_;
  std::map<int, CfqQueue> async_;                // by level
  std::multimap<std::int64_t, CfqQueue*> line_;  // by key; equal ones in order of arrival
  CfqQueue* active_ = nullptr;
  std::optional<Jiffies> idle_until_;
  std::uint64_t last_position_ = 0;  // where the request begun last ends
  int at_device_ = 0;
  int sync_in_flight_ = 0;
  bool device_queues_ = false;  // it takes several requests at once
};

}  // namespace numasim
