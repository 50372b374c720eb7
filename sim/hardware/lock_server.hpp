#pragma once
// Spinlocks as servers with one line, first come, first served, in the exact order of dates.

#include "allocator/spin_lock.hpp"
#include "sim/hardware/platform.hpp"
#include "sim/hardware/scheduler.hpp"

namespace numasim {

/// A task knows how long it will hold a lock when it comes to it, so a lock is no more than the
/// date at which the last in line leaves it. Who waits spins: it keeps its CPU, and nobody but
/// interrupts gets in. A lock that another CPU held last brings its cache line along, which takes
/// what an access to that CPU's node takes.
/// Differs from Linux: spinlocks of 2.6.24 on x86 are not fair; which pages an operation gets is
/// decided when the operation begins, not when it has the lock; interrupts take no locks here.
class LockServer {
 public:
  LockServer(engine::EventLoop& loop, Platform& platform, Scheduler& scheduler)
      : loop_(loop), platform_(platform), scheduler_(scheduler) {}

  /// Waits for the lock and holds it for `hold`. Suspends.
  void pass(SimTask& self, SpinLock& lock, SimDuration hold);

 private:
  SimDuration transfer(const SpinLock& lock, CpuId to) const;

  engine::EventLoop& loop_;
  Platform& platform_;
  Scheduler& scheduler_;
};

}  // namespace numasim
