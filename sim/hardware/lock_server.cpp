#include "sim/hardware/lock_server.hpp"

#include <algorithm>

namespace numasim {

SimDuration LockServer::transfer(const SpinLock& lock, CpuId to) const {
  if (!lock.last_cpu || *lock.last_cpu == to) return SimDuration{0};
  return platform_.path(to, platform_.node_of(*lock.last_cpu)).latency;
}

void LockServer::pass(SimTask& self, SpinLock& lock, SimDuration hold) {
  if (self.unwinding()) return;
  const CpuId cpu = self.cpu->id;
  const SimTime now = loop_.now();
  const SimTime begin = std::max(now, lock.free_at);
  const SimDuration held = transfer(lock, cpu) + hold;
  lock.free_at = begin + held;
  lock.last_cpu = cpu;

  SpinLock::Totals& totals = lock.totals;
  ++totals.taken;
  totals.held += held;
  if (const SimDuration waited = begin - now; waited > SimDuration{0}) {
    ++totals.contended;
    totals.waited += waited;
    totals.longest_wait = std::max(totals.longest_wait, waited);
    self.clock.count_as_spinning(waited, lock.name);
  }
  scheduler_.keep_cpu(self, lock.free_at);
}

}  // namespace numasim
