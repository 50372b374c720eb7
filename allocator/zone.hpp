#pragma once
// A zone: buddy system, per-CPU lists, watermarks and counters of one kind of memory on one node
// (struct zone of 2.6.24).

#include <array>
#include <optional>
#include <vector>

#include "allocator/buddy.hpp"
#include "allocator/config.hpp"
#include "allocator/observer.hpp"
#include "allocator/task.hpp"
#include "allocator/vmstat.hpp"
#include "allocator/watermark.hpp"

namespace numasim {

/// Where non-suspending kernel work is done and who pays for it.
struct OnCpu {
  explicit OnCpu(Task& worker) : task(worker), cpu(worker.cpu) {}
  OnCpu(Task& worker, CpuId other) : task(worker), cpu(other) {}
  void charge(Cycles work) const { task.meter.add(work); }
  /// Work under a spinlock, with interrupts off.
  void charge(Cycles work, SpinLock& lock) const { task.meter.add_under(lock, work); }
  Task& task;
  CpuId cpu;
};

/// What all zones of a machine share.
struct Commons {
  Commons(const KernelConfig& kernel, const CostModel& cost_model, Pfn end)
      : config(kernel),
        switches(switches_of(kernel.era)),
        costs(cost_model),
        frames(end),
        pageblocks(Order{static_cast<std::uint8_t>(kernel.pageblock_order)}, end) {}

  KernelConfig config;
  EraSwitches switches;
  CostModel costs;
  FrameTable frames;
  Pageblocks pageblocks;
  StatValues stats{};  // sums of the zones' folded counters
  VmEvents events;
  Steps steps;
};

/// One list of a per-CPU pageset.
struct PerCpuList {
  LinkedList pages;
  PagesetSize size;
};

/// The hot and the cold list of one zone on one CPU, and that CPU's pending counters.
struct Pageset {
  PerCpuList hot, cold;
  CpuStatDeltas deltas;
  std::uint8_t expire = 0;  // quiet refreshes left until a remote list is trimmed
  PerCpuList& list(bool is_cold) { return is_cold ? cold : hot; }
  const PerCpuList& list(bool is_cold) const { return is_cold ? cold : hot; }
};

/// Active and inactive pages of a zone, and what reclaim remembers about it.
struct ZoneLru {
  LinkedList active, inactive;
  std::int64_t nr_scan_active = 0;    // carried over until a scan is worth it
  std::int64_t nr_scan_inactive = 0;
  std::int64_t pages_scanned = 0;     // since a page last reached the buddy lists
  int prev_priority = 12;
  bool all_unreclaimable = false;
  bool reclaim_locked = false;        // one zone_reclaim at a time
  int reclaim_in_progress = 0;        // tasks inside shrink_zone
};

class Zone {
 public:
  Zone(Commons& commons, ZoneId id, PfnRange span, PageCount present, unsigned cpus);

  ZoneId id() const { return id_; }
  Pfn start() const { return span_.begin; }
  Pfn end() const { return span_.end; }
  PageCount spanned() const { return span_.pages(); }
  PageCount present() const { return present_; }
  bool populated() const { return present_.value > 0; }
  bool contains(Pfn pfn) const { return span_.contains(pfn); }

  /// Folded NR_FREE_PAGES as the watermark test reads it.
  PageCount free_pages() const { return {counters.read(ZoneStat::free_pages)}; }
  /// zone_watermark_ok() against one of this zone's marks.
  bool watermark_ok(Order order, PageCount mark, unsigned classzone, AllocFlags flags) const {
    return zone_watermark_ok(order, mark, free_pages(), lowmem_reserve[classzone], flags,
                             [this](Order k) { return buddy.blocks(k); });
  }

  /// Takes a block (buffered_rmqueue): order 0 from this CPU's list, larger ones from the buddy.
  MaybePfn take(const OnCpu& on, Order order, Gfp gfp) {
    const MigrateType type = commons_.pageblocks.type_of_request(gfp);
    if (order.value == 0) return take_from_pageset(on, type, gfp.has(__GFP_COLD));
    return take_block(on, order, type);
  }

  /// free_hot_cold_page: onto this CPU's list, one batch on to the buddy when it is full.
  void free_to_pageset(const OnCpu& on, Pfn pfn, bool cold);
  /// __free_pages_ok: a block straight to the buddy.
  void free_block(const OnCpu& on, Pfn pfn, Order order);
  /// Empties the lists of `on.cpu`, hot then cold, tails first.
  void drain(const OnCpu& on);
  /// This zone's part of refresh_cpu_vm_stats: folds the CPU's counters, and trims by one batch a
  /// remote list that stayed quiet for three refreshes.
  void refresh_counters(const OnCpu& on, NodeId node_of_cpu);
  /// Frees one batch of the CPU's hot and one of its cold list (drain_zone_pages).
  void trim_pageset(const OnCpu& on);

  /// Counts for a zone counter, on the CPU where it happens.
  void count(const OnCpu& on, ZoneStat item, std::int64_t change) {
    counters.add(pagesets[on.cpu.value].deltas, item, change);
  }
  void count_up(const OnCpu& on, ZoneStat item) {
    counters.increment(pagesets[on.cpu.value].deltas, item);
  }
  void count_down(const OnCpu& on, ZoneStat item) {
    counters.decrement(pagesets[on.cpu.value].deltas, item);
  }

  /// Recounts buddy, pagesets and the free counter with its pending deltas.
  void check() const;

  Buddy buddy;
  SpinLock lock;      // zone->lock: the buddy lists
  SpinLock lru_lock;  // zone->lru_lock
  std::optional<CpuId> found_full_by;  // whose cache has the counters that said so
  ZoneCounters counters;
  std::vector<Pageset> pagesets;  // by CPU
  Watermarks marks;
  LowmemReserve lowmem_reserve{};
  ZoneLru lru;
  bool oom_locked = false;  // ZONE_OOM_LOCKED
  PageCount min_unmapped{0};
  PageCount min_slab{0};

 private:
  MaybePfn take_from_pageset(const OnCpu& on, MigrateType type, bool cold);
  MaybePfn take_block(const OnCpu& on, Order order, MigrateType type);
  MaybePfn rmqueue(const OnCpu& on, Order order, MigrateType type);
  MaybePfn rmqueue_other_type(const OnCpu& on, Order order, MigrateType type);
  void account_taken(const OnCpu& on, Order order, unsigned splits);
  FrameIndex find_of_type(const OnCpu& on, PerCpuList& list, MigrateType type);
  void refill(const OnCpu& on, PerCpuList& list, MigrateType type);
  void free_bulk(const OnCpu& on, PerCpuList& list, std::int64_t count);
  void tell_filled(const OnCpu& on, const PerCpuList& list, int count) const;
  void tell_drained(const OnCpu& on, const PerCpuList& list, std::int64_t count) const;
  void give(const OnCpu& on, Pfn pfn, Order order);
  void forget_unreclaimable();

  Commons& commons_;
  ZoneId id_;
  PfnRange span_;
  PageCount present_;
};

inline MaybePfn Zone::take_from_pageset(const OnCpu& on, MigrateType type, bool cold) {
  PerCpuList& list = pagesets[on.cpu.value].list(cold);
  FrameTable& frames = commons_.frames;
  if (list.pages.empty()) [[unlikely]] refill(on, list, type);
  if (list.pages.empty()) [[unlikely]] return std::nullopt;

  FrameIndex page = list.pages.first();
  if (frames.at(page).type() != type) [[unlikely]] page = find_of_type(on, list, type);
  list.pages.remove(frames, page);
  frames.at(page).become(FrameState::in_use, Order{0}, MigrateType::unmovable);
  on.charge(commons_.costs.pageset_hit);
  return to_pfn(page);
}

inline void Zone::free_to_pageset(const OnCpu& on, Pfn pfn, bool cold) {
  PerCpuList& list = pagesets[on.cpu.value].list(cold);
  commons_.frames[pfn].become(FrameState::on_pageset, Order{0}, commons_.pageblocks.type(pfn));
  list.pages.push_front(commons_.frames, to_index(pfn));
  on.charge(commons_.costs.pageset_free);
  if (list.pages.size() >= list.size.high) [[unlikely]] free_bulk(on, list, list.size.batch);
}

}  // namespace numasim
