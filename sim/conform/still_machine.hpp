#pragma once
// A machine on which no time passes unless a recording says so, and nothing else runs.

#include "allocator/check.hpp"
#include "allocator/machine.hpp"

namespace numasim::conform {

/// Sleeps and waits end at once and leave the clock alone, as they did while recording. There is
/// no device; a recording that scripts one overrides what it needs.
class StillMachine : public Machine {
 public:
  explicit StillMachine(Jiffies start) : jiffies_(start) {}
  void advance(Jiffies ticks) { jiffies_ = jiffies_ + ticks; }
  void set_jiffies(Jiffies now) { jiffies_ = now; }

  SimTime now() const override { return SimTime{}; }
  Jiffies jiffies() const override { return jiffies_; }
  void wake_one(WaitQueue&) override {}
  void wake_all(WaitQueue&) override {}
  bool is_congested(DeviceId, IoDirection) const override { return false; }
  void unplug(DeviceId) override {}
  void kill(TaskId) override {}
  Past past_of(const Task&) const override { return {}; }

  void spend(Task& task) override { task.meter.take(); }
  void sleep(Task&, Jiffies) override {}
  void sleep_until(Task&, SimTime) override {}
  Wakeup wait(Task&, WaitQueue&, Jiffies) override { return Wakeup::timed_out; }
  void wait(Task&, WaitQueue& queue) override { MM_CHECK(false, "nobody wakes", queue.name()); }
  void touch(Task&, NodeId, Bytes, Traffic) override {}
  void panic(Task&, std::string_view why) override { MM_CHECK(false, "panic", why); }
  void submit(Task&, const Bio& bio) override { MM_CHECK(false, "no device", bio.device.value); }

 private:
  Jiffies jiffies_;
};

}  // namespace numasim::conform
