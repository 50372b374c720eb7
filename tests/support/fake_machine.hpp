#pragma once
// A Machine without hardware, fibers or SimGrid: its clock is moved by the test, by sleeps and by
// waits, and it writes down what it is asked.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "allocator/machine.hpp"
#include "allocator/ticks.hpp"

namespace numasim {

/// Each call is one short step:
///   "sleep 1"  "sleep until 8000000"  "wait NAME 5"  "wait NAME"  "wake one NAME"  "wake all NAME"
///   "zero node 0 4096"  "submit write 8 4096" (sector, bytes)  "unplug 0"  "kill 7"
///   "panic WHY", after which the caller goes on
/// Work spent is summed up, not written down, and takes no time.
///
/// A wait with a timeout returns at once as timed out, with the clock moved by it, unless the
/// test's on_wait hook wakes the queue (the sleeper stands in it meanwhile). A wait without
/// timeout must be woken that way: no other task is there to do it.
class FakeMachine final : public Machine {
 public:
  using Timeout = std::optional<Jiffies>;

  explicit FakeMachine(int hz = 250) : ticks_(hz) {}

  // For the test.

  void advance(SimDuration step) { now_ += step; }
  const std::vector<std::string>& steps() const { return steps_; }
  std::vector<std::string> take_steps() { return std::exchange(steps_, {}); }

  /// Called while the task stands in the queue, before time passes.
  void on_wait(std::function<void(Task&, WaitQueue&, Timeout)> hook) { wait_ = std::move(hook); }
  /// Called before the time of a sleep passes.
  void on_sleep(std::function<void(Task&)> hook) { sleep_ = std::move(hook); }
  void on_touch(std::function<void(Task&, NodeId, Bytes, Traffic)> hook) {
    touch_ = std::move(hook);
  }
  /// Called in place of the device; without it nothing submitted ever completes.
  void on_submit(std::function<void(Task&, const Bio&)> hook) { submit_ = std::move(hook); }
  void on_kill(std::function<void(TaskId)> hook) { kill_ = std::move(hook); }
  /// Called with the work each spend() takes from the meter.
  void on_spend(std::function<void(Task&, Cycles)> hook) { spend_ = std::move(hook); }

  void congest(DeviceId device, IoDirection direction) { congested_.insert({device, direction}); }
  void relieve(DeviceId device, IoDirection direction) { congested_.erase({device, direction}); }

  void set_past(const Task& task, Past past) { pasts_[task.id] = past; }

  /// All work spent so far.
  Cycles spent() const { return spent_; }
  /// All bytes moved to or from a node for this reason.
  Bytes touched(NodeId node, Traffic why) const;

  // Machine.

  SimTime now() const override { return now_; }
  Jiffies jiffies() const override { return ticks_.at(now_); }
  void wake_one(WaitQueue& queue) override;
  void wake_all(WaitQueue& queue) override;
  bool is_congested(DeviceId device, IoDirection direction) const override {
    return congested_.contains({device, direction});
  }
  void unplug(DeviceId device) override;
  void kill(TaskId victim) override;
  Past past_of(const Task& task) const override;

  void spend(Task& task) override;
  void sleep(Task& task, Jiffies ticks) override;
  void sleep_until(Task& task, SimTime date) override;
  Wakeup wait(Task& task, WaitQueue& queue, Jiffies timeout) override;
  void wait(Task& task, WaitQueue& queue) override;
  void touch(Task& task, NodeId node, Bytes length, Traffic why) override;
  void submit(Task& task, const Bio& bio) override;
  void panic(Task& task, std::string_view why) override;

 private:
  Wakeup stand_in(Task& task, WaitQueue& queue, Timeout timeout);

  Ticks ticks_;
  SimTime now_{};
  std::vector<std::string> steps_;
  Cycles spent_;
  std::map<std::pair<NodeId, Traffic>, Bytes> touched_;
  std::set<std::pair<DeviceId, IoDirection>> congested_;
  std::map<TaskId, Past> pasts_;

  std::function<void(Task&, WaitQueue&, Timeout)> wait_;
  std::function<void(Task&)> sleep_;
  std::function<void(Task&, NodeId, Bytes, Traffic)> touch_;
  std::function<void(Task&, const Bio&)> submit_;
  std::function<void(TaskId)> kill_;
  std::function<void(Task&, Cycles)> spend_;
};

}  // namespace numasim
