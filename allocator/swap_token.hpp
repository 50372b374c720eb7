#pragma once
// The swap token: one address space at a time is spared while it thrashes (mm/thrash.c of 2.6.24).

#include <cstdint>

namespace numasim {

/// What an address space brings to the contest for the token.
struct SwapTokenState {
  std::uint64_t fault_stamp = 0;    // its last miss, on the clock of all misses
  std::uint64_t last_interval = 0;  // between its last two
  std::uint64_t priority = 0;
};

class SwapToken {
 public:
  /// grab_swap_token(): on each swap-in miss.
  void grab(SwapTokenState& mm) {
    ++misses_;
    const std::uint64_t interval = misses_ - mm.fault_stamp;
    if (!holder_) {
      take(mm);
    } else if (holder_ == &mm) {
      mm.priority += 2;
    } else {
      if (interval < mm.last_interval) ++mm.priority;
      else if (mm.priority > 0) --mm.priority;
      if (mm.priority > holder_->priority) take(mm);
    }
    mm.fault_stamp = misses_;
    mm.last_interval = interval;
  }
  bool held_by(const SwapTokenState& mm) const { return holder_ == &mm; }
  /// put_swap_token(): the address space goes away.
  void put(const SwapTokenState& mm) {
    if (held_by(mm)) holder_ = nullptr;
  }
  /// disable_swap_token(): reclaim is in such trouble that nobody is spared.
  void disable() { holder_ = nullptr; }

 private:
  void take(SwapTokenState& mm) {
    mm.priority += 2;
    holder_ = &mm;
  }

  SwapTokenState* holder_ = nullptr;
  std::uint64_t misses_ = 0;
};

}  // namespace numasim
