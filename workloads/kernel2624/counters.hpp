#pragma once
// The zones' free counters as the recorded kernel kept them: a folded value, and on each CPU a
// pending change that is folded when it grows beyond a threshold or by the refresh once a second.

#include <cstdint>
#include <vector>

#include "allocator/units.hpp"
#include "workloads/state.hpp"

namespace numasim::kernel2624 {

/// calculate_threshold(), mm/vmstat.c of 2.6.24: pending changes up to this stay with the CPU.
std::int64_t counter_threshold(unsigned online_cpus, PageCount present);

/// Folded counter and pending changes of every zone, zones by their index in the start state.
class Counters {
 public:
  Counters(const MachineState& start, unsigned cpus);

  /// Adds `change` `times` times, as the kernel does for the blocks of a refill or flush.
  void add(std::size_t zone, CpuId cpu, std::int64_t change, std::int64_t times);
  /// Folds what a CPU holds back, of every zone (refresh_cpu_vm_stats).
  void refresh(CpuId cpu);

  std::int64_t value(std::size_t zone) const { return zones_[zone].value; }
  void set_value(std::size_t zone, std::int64_t value) { zones_[zone].value = value; }
  std::int64_t pending(std::size_t zone, CpuId cpu) const {
    return zones_[zone].pending[cpu.value];
  }
  void set_pending(std::size_t zone, std::vector<std::int64_t> by_cpu) {
    zones_[zone].pending = std::move(by_cpu);
  }
  std::int64_t threshold(std::size_t zone) const { return zones_[zone].threshold; }
  unsigned cpus() const { return cpus_; }
  std::size_t zones() const { return zones_.size(); }
  bool operator==(const Counters&) const = default;

 private:
  struct ZoneCounter {
    std::int64_t value = 0;
    std::int64_t threshold = 0;
    std::vector<std::int64_t> pending;  // by CPU
    bool operator==(const ZoneCounter&) const = default;
  };
  std::vector<ZoneCounter> zones_;
  unsigned cpus_;
};

}  // namespace numasim::kernel2624
