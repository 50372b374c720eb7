#pragma once
// What CFQ knows of a task from what it did so far (cfq_io_context of Linux 2.6.24).

#include <cstdint>

#include "allocator/units.hpp"
#include "sim/hardware/io_request.hpp"

namespace numasim {

/// A mean that forgets: each new value weighs an eighth. In 256ths, as the kernel counts.
struct FadingMean {
  std::int64_t samples = 0;
  std::int64_t total = 0;

  void add(std::int64_t value) {
    samples = (7 * samples + 256) / 8;
    total = (7 * total + 256 * value) / 8;
  }
  std::int64_t mean() const { return samples == 0 ? 0 : (total + samples / 2) / samples; }
  /// Enough values to rely on.
  bool tells() const { return samples > 80; }
};

/// How long a task thinks between its requests, and how far apart they lie.
class CfqHabits {
 public:
  /// The task's next request comes; its think time counts up to twice the longest pause.
  void request_came(const IoRequest& request, Jiffies now, Jiffies longest_pause);
  void request_ended(Jiffies now) { last_end_ = now; }

  bool think_time_is_known() const { return think_time_.tells(); }
  Jiffies think_time() const { return {think_time_.mean()}; }
  /// Its requests lie far apart (CIC_SEEKY).
  bool is_seeky() const { return distance_.tells() && distance_.mean() > kFar; }
  std::int64_t mean_distance() const { return distance_.mean(); }

 private:
  static constexpr std::int64_t kFar = 8 * 1024;  // sectors

  FadingMean think_time_;  // jiffies
  FadingMean distance_;    // sectors
  Jiffies last_end_{0};
  std::uint64_t last_sector_ = 0;
};

}  // namespace numasim
