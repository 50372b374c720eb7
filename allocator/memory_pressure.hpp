#pragma once
// The memory_pressure meter of a cpuset (struct fmeter, kernel/cpuset.c of 2.6.24).

#include <algorithm>
#include <cstdint>

namespace numasim {

/// A rate of events, in thousandths a second, that halves in ten seconds without one. Integers
/// only, so that it truncates as the kernel's does.
class MemoryPressureMeter {
 public:
  /// fmeter_markevent().
  void mark_event(std::int64_t now_s) {
    update(now_s);
    count_ = std::min(kMostEvents, count_ + kScale);
  }
  /// fmeter_getrate(). Reading is an update: when it is read changes how it rounds.
  std::int64_t read(std::int64_t now_s) {
    update(now_s);
    return value_;
  }

 private:
  static constexpr std::int64_t kScale = 1000, kCoefficient = 933, kMostEvents = 1'000'000,
                                kMostTicks = 99;

  void update(std::int64_t now_s) {
    const std::int64_t ticks = now_s - time_s_;
    if (ticks == 0) return;
    for (std::int64_t i = std::min(ticks, kMostTicks); i > 0; --i)
      value_ = kCoefficient * value_ / kScale;
    time_s_ = now_s;
    value_ += (kScale - kCoefficient) * count_ / kScale;
    count_ = 0;
  }

  std::int64_t count_ = 0;  // events since the last update, in thousandths
  std::int64_t value_ = 0;
  std::int64_t time_s_ = 0;
};

}  // namespace numasim
