#pragma once
// How far a run has come, for the user who waits at the terminal.

#include <chrono>
#include <cstdint>
#include <string>

#include "allocator/units.hpp"

namespace numasim {

enum class Progress { silent, on_terminal };

/// What a run has to get through: the whole trace, or as far as the limit lets it.
struct RunLength {
  std::uint64_t records = 0;
  SimDuration time_limit{0};  // 0: none
};

/// "42% | 1.234 s simulated, 0.31 s per s | 351,000 records/s | 12 s to go". `elapsed` is wall
/// clock time since the run began. The share done, and what it says of the rest, is that of the
/// records or of the time up to the limit, whichever is further on.
std::string progress_text(const RunLength& length, SimTime now, std::uint64_t records_read,
                          std::chrono::nanoseconds elapsed);

/// Writes it on stderr, about once a second, each in the place of the one before.
class ProgressLine {
 public:
  ProgressLine(Progress wanted, RunLength length) : wanted_(wanted), length_(length) {}
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void update(SimTime now, std::uint64_t records_read);

 private:
  using Clock = std::chrono::steady_clock;

  Progress wanted_;
  RunLength length_;
  bool shown_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point latest_ = begin_;
};

}  // namespace numasim
