#include "sim/hardware/cfq_habits.hpp"

#include <algorithm>

namespace numasim {

// A far seek counts for less while little is known, and for much less later.
void CfqHabits::request_came(const IoRequest& request, Jiffies now, Jiffies longest_pause) {
  think_time_.add(std::min(now.value - last_end_.value, 2 * longest_pause.value));

  constexpr std::int64_t kEarlyLimit = 2 * 1024 * 1024;
  constexpr std::int64_t kLimit = 2 * 1024 * 64;
  constexpr std::int64_t kEarly = 60;
  const auto from = static_cast<std::int64_t>(last_sector_);
  const auto to = static_cast<std::int64_t>(request.begin);
  const std::int64_t limit = distance_.samples <= kEarly ? kEarlyLimit : kLimit;
  distance_.add(std::min(std::abs(to - from), 4 * distance_.mean() + limit));
  last_sector_ = request.end;
}

}  // namespace numasim
