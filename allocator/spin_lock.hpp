#pragma once
// The spinlocks of the kernel that CPUs contend for, and work that is done under them.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "allocator/units.hpp"

namespace numasim {

/// A spinlock (spinlock_t). The core says what is done under it; the machine says when that is,
/// and keeps the rest of this. Nobody in the core ever asks whether it is free.
struct SpinLock {
  explicit SpinLock(std::string full_name) : name(std::move(full_name)) {}

  struct Totals {
    std::int64_t taken = 0, contended = 0;  // times; contended: somebody had to wait
    SimDuration held{0};                    // the hand-over of its cache line included
    SimDuration waited{0}, longest_wait{0};
  };

  std::string name;

  // The machine's.
  SimTime free_at{};              // when the last in line will have left it
  std::optional<CpuId> last_cpu;  // whose cache holds it
  Totals totals;
};

/// CPU work done since the task last paid. The core adds to it; the machine empties it when it
/// turns the work into time, at the next suspension or at the end of an operation.
class CpuMeter {
 public:
  /// Work under a lock, and what came before it since the lock before.
  struct UnderLock {
    SpinLock* lock;
    Cycles before;
    Cycles held;
  };

  void add(Cycles work) { due_.value += work.value; }
  /// Work of one hold of the lock, or more work in the hold before if nothing came between.
  void add_under(SpinLock& lock, Cycles work) {
    if (due_.value == 0 && !under_locks_.empty() && under_locks_.back().lock == &lock)
      under_locks_.back().held.value += work.value;
    else
      under_locks_.push_back({&lock, std::exchange(due_, Cycles{0}), work});
  }

  /// All that is on it.
  Cycles due() const {
    Cycles sum = due_;
    for (const UnderLock& part : under_locks_) sum.value += part.before.value + part.held.value;
    return sum;
  }
  bool has_locked() const { return !under_locks_.empty(); }
  /// All of it, for who knows no locks.
  Cycles take() {
    const Cycles all = due();
    under_locks_.clear();
    due_ = Cycles{0};
    return all;
  }
  /// The work up to the last lock; what came after it stays.
  std::vector<UnderLock> take_locked() { return std::exchange(under_locks_, {}); }

 private:
  std::vector<UnderLock> under_locks_;  // in order
  Cycles due_{0};
};

}  // namespace numasim
