#pragma once
// A block device: the kernel's request queue above, a medium on SimGrid below.

#include <array>
#include <deque>
#include <memory>
#include <string>

#include "allocator/machine.hpp"
#include "allocator/observer.hpp"
#include "allocator/ticks.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/hardware/device_faults.hpp"
#include "sim/hardware/medium.hpp"
#include "sim/hardware/platform.hpp"
#include "sim/hardware/request_queue.hpp"
#include "sim/hardware/scheduler.hpp"
#include "sim/scenario.hpp"

namespace numasim {

/// Who hears of what the devices do. Either may be absent.
struct BlockAudience {
  BlockListener* listener = nullptr;
  const Steps* steps = nullptr;
  Task speaker;  // in whose name the steps are told: interrupts belong to no task
};

/// What a device has done since the run began.
struct BlockTotals {
  std::array<std::int64_t, 2> requests{};  // completed, by direction
  std::array<Bytes, 2> bytes{};            // completed, by direction
  SimDuration busy{0};                     // with at least one request on the medium
  std::int64_t failed_writes = 0;          // requests completed with an error, among the others
};

/// The device holds one request at a time, or as many as its queue_depth says. The interrupt at the
/// end of each keeps the boot CPU busy, and its place is taken only afterwards.
class BlockDevice {
 public:
  BlockDevice(DeviceId id, const DiskConfig& config, int hz, engine::EventLoop& loop,
              Platform& platform, Scheduler& scheduler, Machine& machine,
              const BlockAudience& audience);

  /// Merges `bio` into a request that waits. False: a request of its own is needed.
  bool merge(const Bio& bio, const Submitter& by);
  /// False: none left; the task must sleep in requests_freed() and then say slept().
  bool get_request(const Bio& bio, const Submitter& by);
  void slept_for_request(TaskId task);
  WaitQueue& requests_freed(IoDirection direction) { return freed_[index(direction)]; }
  /// Queues `bio` on the request just got.
  void add(const Bio& bio, const Submitter& by);
  /// The task will have no more requests.
  void task_ended(TaskId task);
  /// Starts what the queue holds back.
  void unplug();

  const std::string& name() const { return name_; }
  const RequestQueue& queue() const { return queue_; }
  /// queue_lock, which whoever hands in a bio takes, and how long for.
  SpinLock& queue_lock() { return queue_lock_; }
  const SpinLock& queue_lock() const { return queue_lock_; }
  SimDuration queue_lock_hold() const { return config_.queue_lock_hold; }
  BlockTotals totals() const;

 private:
  Jiffies jiffies() const { return ticks_.at(loop_.now()); }
  /// The end of a request's interrupt.
  struct Interrupt {
    const IoRequest* request = nullptr;
    engine::Alarm end{nullptr};
  };

  void run_queue();
  void heed_elevator();
  void interrupt(const IoRequest& request);
  void complete(const IoRequest& request);
  void end_bios(const IoRequest& request);
  void tell_failed(const IoRequest& request);
  void tell_freed(IoDirection direction, RequestQueue::Freed freed, bool was_congested);

  DeviceId id_;
  std::string name_;
  DiskConfig config_;
  Ticks ticks_;
  engine::EventLoop& loop_;
  Scheduler& scheduler_;
  Machine& machine_;
  const BlockAudience& audience_;
  RequestQueue queue_;
  SpinLock queue_lock_;
  engine::Alarm unplug_timer_;
  engine::Alarm elevator_timer_;  // CFQ's wait for a task's next request
  DeviceFaults faults_;
  std::unique_ptr<Medium> medium_;
  engine::Alarm unstuck_;
  std::deque<Interrupt> interrupts_;
  std::array<std::string, 2> freed_names_;
  std::array<WaitQueue, 2> freed_;
  SimTime busy_since_{};
  BlockTotals totals_;
};

}  // namespace numasim
