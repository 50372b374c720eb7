#pragma once
// How a run comes to its end.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "allocator/units.hpp"
#include "sim/hardware/deadlock_report.hpp"

namespace numasim {

/// How a run came to its end, and when.
struct RunEnd {
  enum class Why : std::uint8_t { finished, time_limit, interrupted, deadlock, panic };
  Why why = Why::finished;
  SimTime date{};
  std::string panic;  // why the kernel panicked; parts separated by "; "
  std::optional<DeadlockReport> deadlock;
};

/// As in summary.json.
constexpr std::string_view to_string(RunEnd::Why why) {
  switch (why) {
    case RunEnd::Why::finished:
      return "all tasks ended";
    case RunEnd::Why::time_limit:
      return "time limit";
    case RunEnd::Why::interrupted:
      return "interrupted";
    case RunEnd::Why::deadlock:
      return "deadlock";
    case RunEnd::Why::panic:
      return "panic";
  }
  return "unknown";
}

}  // namespace numasim
