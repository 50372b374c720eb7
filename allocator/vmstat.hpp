#pragma once
// Zone counters with per-CPU deltas, and event counters (mm/vmstat.c of 2.6.24).

#include <array>
#include <cstdint>

#include "allocator/units.hpp"

namespace numasim {

/// Per-zone items in the kernel's order (enum zone_stat_item).
enum class ZoneStat : std::uint8_t {
  free_pages, inactive, active, anon_pages, file_mapped, file_pages, file_dirty, writeback,
  slab_reclaimable, slab_unreclaimable, page_table, unstable, bounce, vmscan_write,
  numa_hit, numa_miss, numa_foreign, numa_interleave_hit, numa_local, numa_other,
};
inline constexpr unsigned kZoneStats = 20;
constexpr unsigned index(ZoneStat item) { return static_cast<unsigned>(item); }

/// Folded values of all items.
using StatValues = std::array<std::int64_t, kZoneStats>;

/// What one CPU has counted for one zone and not folded yet (per_cpu_pageset.vm_stat_diff).
struct CpuStatDeltas {
  std::array<std::int8_t, kZoneStats> values{};
};

/// The counters of one zone. They lag behind by up to the threshold on each CPU.
class ZoneCounters {
 public:
  explicit ZoneCounters(StatValues& global) : global_(global) {}

  void set_threshold(int threshold) { threshold_ = threshold; }
  int threshold() const { return threshold_; }

  /// Folded value as readers see it (zone_page_state): never negative.
  std::int64_t read(ZoneStat item) const {
    const std::int64_t value = folded_[index(item)];
    return value < 0 ? 0 : value;
  }
  std::int64_t folded(ZoneStat item) const { return folded_[index(item)]; }

  /// Arbitrary change (__mod_zone_page_state): folds everything once the threshold is passed.
  void add(CpuStatDeltas& cpu, ZoneStat item, std::int64_t change) {
    std::int8_t& pending = cpu.values[index(item)];
    const std::int64_t sum = pending + change;
    if (sum > threshold_ || sum < -threshold_) [[unlikely]] {
      fold(item, sum);
      pending = 0;
    } else {
      pending = static_cast<std::int8_t>(sum);
    }
  }

  /// One up (__inc_zone_state): folds half a threshold ahead, so that a run of increments folds
  /// more rarely.
  void increment(CpuStatDeltas& cpu, ZoneStat item) {
    std::int8_t& pending = cpu.values[index(item)];
    if (++pending > threshold_) [[unlikely]] {
      const int overstep = threshold_ / 2;
      fold(item, pending + overstep);
      pending = static_cast<std::int8_t>(-overstep);
    }
  }
  /// One down (__dec_zone_state).
  void decrement(CpuStatDeltas& cpu, ZoneStat item) {
    std::int8_t& pending = cpu.values[index(item)];
    if (--pending < -threshold_) [[unlikely]] {
      const int overstep = threshold_ / 2;
      fold(item, pending - overstep);
      pending = static_cast<std::int8_t>(overstep);
    }
  }

  /// Folds all pending deltas of a CPU; says whether there were any (refresh_cpu_vm_stats).
  bool fold_all(CpuStatDeltas& cpu) {
    bool any = false;
    for (unsigned item = 0; item < kZoneStats; ++item) {
      if (cpu.values[item] == 0) continue;
      fold(static_cast<ZoneStat>(item), cpu.values[item]);
      cpu.values[item] = 0;
      any = true;
    }
    return any;
  }

  /// For restoring a recorded state.
  void set_folded(ZoneStat item, std::int64_t value) {
    fold(item, value - folded_[index(item)]);
  }

 private:
  void fold(ZoneStat item, std::int64_t change) {
    folded_[index(item)] += change;
    global_[index(item)] += change;
  }

  int threshold_ = 0;  // until vmstat is set up at boot, every change folds at once
  StatValues folded_{};
  StatValues& global_;
};

/// Event counters of the whole machine (enum vm_event_item, those the allocator and reclaim count).
struct VmEvents {
  std::array<std::int64_t, kZoneTypes> pgalloc{}, pgrefill{}, pgsteal{}, pgscan_kswapd{},
      pgscan_direct{};
  std::int64_t pgfree = 0, pgactivate = 0, pgdeactivate = 0, pgfault = 0, pgmajfault = 0;
  std::int64_t pgpgin = 0, pgpgout = 0, pswpin = 0, pswpout = 0;  // in sectors
  std::int64_t slabs_scanned = 0, kswapd_steal = 0, pageoutrun = 0, allocstall = 0, pgrotated = 0;
};

}  // namespace numasim
