#include "sim/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace numasim {
namespace {

using Seconds = std::chrono::duration<double>;

template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
  char text[64];
  std::snprintf(text, sizeof text, format, numbers...);
  return text;
}

double share_done(const RunLength& length, SimTime now, std::uint64_t records_read) {
  double done = 0;
  if (length.records > 0)
    done = static_cast<double>(records_read) / static_cast<double>(length.records);
  if (length.time_limit.count() > 0)
    done = std::max(
        done, static_cast<double>(to_ns(now)) / static_cast<double>(length.time_limit.count()));
  return std::min(done, 1.0);
}

}  // namespace

std::string progress_text(const RunLength& length, SimTime now, std::uint64_t records_read,
                          std::chrono::nanoseconds elapsed) {
  const double wall = std::max(Seconds(elapsed).count(), 1e-9);
  const double simulated = static_cast<double>(to_ns(now)) / 1e9;
  const double done = share_done(length, now, records_read);
  std::string text = formatted("%.0f%%", std::floor(done * 100)) +
                     formatted(" | %.3f s simulated, %.3g s per s", simulated, simulated / wall) +
                     formatted(" | %.0f records/s", static_cast<double>(records_read) / wall);
  if (done > 0) text += formatted(" | %.0f s to go", std::ceil(wall * (1 - done) / done));
  return text;
}

ProgressLine::~ProgressLine() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
}

void ProgressLine::update(SimTime now, std::uint64_t records_read) {
  if (wanted_ == Progress::silent) return;
  const auto wall = Clock::now();
  if (wall - latest_ < std::chrono::seconds(1)) return;
  latest_ = wall;
  shown_ = true;
  std::cerr << "\r\033[K" + progress_text(length_, now, records_read, wall - begin_) << std::flush;
}

}  // namespace numasim
