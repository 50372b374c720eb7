#pragma once
// Work in cycles as time of a clock.

#include <cstdint>

#include "allocator/units.hpp"

namespace numasim {

namespace cycles_detail {
__extension__ typedef __int128 Wide;

template <class Number>
SimDuration whole_ns(Number billionths, std::int64_t hz, std::int64_t& rest) {
  rest = static_cast<std::int64_t>(billionths % hz);
  return SimDuration{static_cast<std::int64_t>(billionths / hz)};
}
}  // namespace cycles_detail

/// Whole nanoseconds that `work` takes, with what earlier work left over; `rest` keeps what this
/// one leaves, in billionths of cycles.
inline SimDuration time_of(Cycles work, std::int64_t hz, std::int64_t& rest) {
  constexpr std::int64_t kBillion = 1'000'000'000;
  // In billionths so many fit in 64 bits, which divide several times as fast as 128.
  constexpr Cycles kFew{9 * kBillion};
  using cycles_detail::Wide, cycles_detail::whole_ns;
  if (work < kFew) [[likely]] return whole_ns(work.value * kBillion + rest, hz, rest);
  return whole_ns(Wide{work.value} * kBillion + rest, hz, rest);
}

}  // namespace numasim
