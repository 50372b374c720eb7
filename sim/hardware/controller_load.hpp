#pragma once
// How busy a memory controller was of late, and what that adds to an access.

#include <algorithm>
#include <cstdint>

#include "allocator/units.hpp"

namespace numasim {

/// Time is cut into windows; bytes keep the controller busy in the window they are asked for and,
/// as far as they are more than it can carry, in those after it. The utilisation that counts is
/// that of the last whole window: integers only, so the same on every machine.
class ControllerLoad {
 public:
  ControllerLoad(std::int64_t bytes_per_second, SimDuration window)
      : bytes_per_second_(bytes_per_second), window_(to_ns(window)) {}

  void book(SimTime now, Bytes length) {
    turn_to(now);
    constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
    const auto rate = static_cast<std::uint64_t>(bytes_per_second_);
    const std::uint64_t part = length.value % rate * kNanosecondsPerSecond + rest_;
    rest_ = part % rate;
    work_ += static_cast<std::int64_t>(length.value / rate * kNanosecondsPerSecond + part / rate);
  }

  /// Mean wait in a queue with random arrivals and constant service `s` (M/D/1, by Pollaczek and
  /// Khinchine): s * u / (2 * (1 - u)) at utilisation u; u counts as 0.95 at most, where a closed
  /// loop of CPUs holds it. That memory is such a queue is an estimate; measured curves have its
  /// shape.
  SimDuration wait(SimTime now, SimDuration service) {
    turn_to(now);
    constexpr std::int64_t kAll = 1'000'000, kMost = 950'000;
    const std::int64_t busy = std::min(last_ * kAll / window_, kMost);
    return service * busy / (2 * (kAll - busy));
  }

 private:
  void turn_to(SimTime now) {
    const std::int64_t window = to_ns(now - SimTime{}) / window_;
    for (; number_ < window && (work_ > 0 || last_ > 0); ++number_) {
      last_ = std::min(work_, window_);
      work_ -= last_;
    }
    number_ = window;
  }

  std::int64_t bytes_per_second_;
  std::int64_t window_;      // ns
  std::int64_t number_ = 0;  // of the present window
  std::int64_t work_ = 0;    // ns of service asked for and not in a past window
  std::int64_t last_ = 0;    // ns of service in the window before
  std::uint64_t rest_ = 0;   // of the last booking, in 1e-9 bytes
};

}  // namespace numasim
