#pragma once
// The machine below random programs: it works while somebody sleeps.

#include <algorithm>
#include <deque>
#include <functional>

#include "allocator/check.hpp"
#include "allocator/machine.hpp"
#include "allocator/ticks.hpp"

namespace numasim::program {

/// The hardware: a clock, and a disk that completes when somebody sleeps. What else happens during
/// a sleep is the runner's.
class SleepyMachine final : public Machine {
 public:
  explicit SleepyMachine(int hz) : ticks_(hz) {}

  std::function<void(Task&)> during_sleep;
  std::function<void(const Bio&)> io_completed;
  std::function<void(IoDirection)> congestion_cleared;
  std::function<void(Task&)> idle_kswapd;  // one sleeps until woken: throws
  std::function<void()> each_second;

  void complete_io() {
    while (!in_flight_.empty()) {
      const Bio bio = in_flight_.front();
      const bool was_congested = is_congested({}, bio.direction);
      in_flight_.pop_front();
      io_completed(bio);
      if (was_congested && !is_congested({}, bio.direction)) congestion_cleared(bio.direction);
    }
  }
  void pass(Jiffies ticks) { move_to(ticks_.after(now_, ticks)); }

  SimTime now() const override { return now_; }
  Jiffies jiffies() const override { return ticks_.at(now_); }
  void wake_one(WaitQueue& queue) override {
    if (!queue.empty()) wake_first(queue);
  }
  void wake_all(WaitQueue& queue) override {
    while (!queue.empty()) wake_first(queue);
  }
  bool is_congested(DeviceId, IoDirection direction) const override {
    constexpr std::int64_t kRequests = 12;
    return std::ranges::count(in_flight_, direction, &Bio::direction) > kRequests;
  }
  void unplug(DeviceId) override {}
  void kill(TaskId) override {}
  Past past_of(const Task&) const override { return {}; }
  void panic(Task&, std::string_view) override {}  // who asked sleeps a tick and tries again
  void spend(Task& task) override {
    constexpr std::int64_t kSlowness = 20;  // ns for a cycle: what only time ends, ends soon
    move_to(now_ + SimDuration{kSlowness * task.meter.take().value});
  }
  void sleep(Task& task, Jiffies ticks) override {
    during_sleep(task);
    pass(ticks);
  }
  void sleep_until(Task& task, SimTime date) override {
    during_sleep(task);
    move_to(std::max(now_, date));
  }
  Wakeup wait(Task& task, WaitQueue& queue, Jiffies timeout) override {
    if (stand_in(task, queue)) return Wakeup::woken;
    pass(timeout);
    return Wakeup::timed_out;
  }
  void wait(Task& task, WaitQueue& queue) override {
    if (task.is_kswapd) return idle_kswapd(task);
    MM_CHECK(stand_in(task, queue), "nothing wakes queue", queue.name());
  }
  void touch(Task& task, NodeId, numasim::Bytes, Traffic) override { spend(task); }
  void submit(Task& task, const Bio& bio) override {
    spend(task);
    in_flight_.push_back(bio);
    if (in_flight_.size() > 40) complete_io();
  }

 private:
  void move_to(SimTime date) {
    const auto seconds_of = [](SimTime at) { return to_ns(at) / 1'000'000'000; };
    const bool next_second = seconds_of(date) > seconds_of(now_);
    now_ = date;
    if (!next_second) return;
    complete_io();
    each_second();
  }
  static void wake_first(WaitQueue& queue) {
    queue.waiters().front().woken = true;
    queue.waiters().pop_front();
  }
  bool stand_in(Task& task, WaitQueue& queue) {
    spend(task);
    WaitQueue::Waiter waiter{task};
    queue.waiters().push_back(waiter);
    during_sleep(task);
    if (waiter.woken) return true;
    queue.waiters().erase(queue.waiters().iterator_to(waiter));
    return false;
  }

  Ticks ticks_;
  SimTime now_{};
  std::deque<Bio> in_flight_;
};

}  // namespace numasim::program
