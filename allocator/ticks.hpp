#pragma once
// Kernel ticks as dates: tick k of a kernel with HZ ticks a second stands at k/HZ seconds.

#include <algorithm>

#include "allocator/units.hpp"

namespace numasim {

/// Turns dates into jiffies and back, in integers. Where HZ does not divide a second, a tick
/// stands at the first nanosecond not before its exact date.
class Ticks {
 public:
  explicit constexpr Ticks(int hz) : hz_(hz) {}

  constexpr int hz() const { return hz_; }

  /// The ticks counted up to `date` (jiffies, counted from 0 at boot).
  constexpr Jiffies at(SimTime date) const {
    const std::int64_t ns = to_ns(date);
    return {(ns / kSecond) * hz_ + (ns % kSecond) * hz_ / kSecond};
  }

  /// The date at which tick `count` comes.
  constexpr SimTime date(Jiffies count) const {
    const std::int64_t part = (count.value % hz_) * kSecond;
    return SimTime{SimDuration{(count.value / hz_) * kSecond + (part + hz_ - 1) / hz_}};
  }

  /// The end of a sleep of `count` ticks that begins at `start`: the count-th tick after it. A
  /// sleep of no ticks ends at the next one, as timers in the past do (schedule_timeout, 2.6.24).
  constexpr SimTime after(SimTime start, Jiffies count) const {
    return date(at(start) + std::max(count, Jiffies{1}));
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000;
  int hz_;
};

static_assert(Ticks{250}.after(SimTime{SimDuration{1}}, Jiffies{1}) ==
              SimTime{SimDuration{4'000'000}});
static_assert(Ticks{300}.at(Ticks{300}.date(Jiffies{1000})) == Jiffies{1000});

}  // namespace numasim
