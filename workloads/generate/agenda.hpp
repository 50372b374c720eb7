#pragma once
// Whose turn it is: the generators' clock.

#include <cstdint>
#include <functional>
#include <queue>
#include <tuple>
#include <vector>

namespace numasim::trace {

/// Turns by date; of equal dates the one entered first. Small: one entry for each that waits.
class Agenda {
 public:
  struct Turn {
    std::int64_t t_ns = 0;
    std::uint64_t who = 0;
  };

  void add(std::int64_t t_ns, std::uint64_t who) { waiting_.emplace(t_ns, entered_++, who); }
  bool empty() const { return waiting_.empty(); }
  /// Requires: not empty.
  Turn next() {
    const auto [t_ns, entered, who] = waiting_.top();
    waiting_.pop();
    return {t_ns, who};
  }

 private:
  using Entry = std::tuple<std::int64_t, std::uint64_t, std::uint64_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> waiting_;
  std::uint64_t entered_ = 0;
};

}  // namespace numasim::trace
