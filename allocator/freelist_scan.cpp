// get_page_from_freelist: one pass over a zonelist, with the zonelist cache
// (mm/page_alloc.c of 2.6.24).

#include <utility>

#include "allocator/page_allocator.hpp"

namespace numasim {
namespace {

/// What a pass looks at and asks.
struct Surroundings {
  Memory& memory;
  Machine& machine;
  Reclaimer& reclaimer;
};

/// One pass. Every allocation makes one: the class is local to this file so that the compiler sees
/// that each step has one caller, and makes the whole pass one function.
class Pass {
 public:
  Pass(const Surroundings& world, Task& task, Gfp gfp, Order order, Zonelist& zonelist,
       AllocFlags flags)
      : memory_(world.memory),
        machine_(world.machine),
        reclaimer_(world.reclaimer),
        task_(task),
        gfp_(gfp),
        order_(order),
        zonelist_(zonelist),
        flags_(flags) {}

  MaybePfn run() {
    for (;;) {
      if (const auto page = scan_zonelist()) [[likely]]
        return *page;
      if (!std::exchange(cache_active_, false)) return std::nullopt;
      // what the cache hid deserves a second look
    }
  }

 private:
  enum class ZoneVerdict : std::uint8_t { take, full, forbidden };

  MaybePfn scan_zonelist() {
    for (std::size_t i = 0; i < zonelist_.zones.size(); ++i) {
      Zone& zone = *zonelist_.zones[i];
      if (filtered_out(zone)) {
        tell_skipped(zone, event::SkipReason::above_request);
        continue;
      }
      if (cache_active_ && cache_rules_out(i)) {
        task_.meter.add(memory_.commons().costs.zone_skipped);
        continue;
      }
      task_.meter.add(memory_.commons().costs.zone_examined);
      if (leaves_node(zone)) {
        tell_skipped(zone, event::SkipReason::other_node);
        break;
      }

      const ZoneVerdict verdict = examine(zone);
      if (verdict == ZoneVerdict::take) [[likely]] {
        if (const auto page = buffered_rmqueue(zone)) [[likely]]
          return *page;
      }
      if (verdict == ZoneVerdict::full) charge_full(zone);
      if (verdict != ZoneVerdict::forbidden && zonelist_.cache) mark_full(i);
      if (!cache_set_up_) set_up_cache();
    }
    return std::nullopt;
  }

  void charge_full(Zone& zone) {
    if (std::exchange(zone.found_full_by, task_.cpu) == task_.cpu) return;
    if (zone.id().node != memory_.node_of_cpu(task_.cpu))
      task_.meter.add(memory_.commons().costs.remote_zone_full);
  }

  /// A list made for a memory policy holds zones above the request's; only those lists and the
  /// THISNODE lists have no cache, and THISNODE lists hold nothing to filter.
  bool filtered_out(const Zone& zone) const {
    if (zonelist_.cache || gfp_.has(__GFP_THISNODE)) return false;
    return zone.id().type > gfp_zone(gfp_);
  }

  /// Where __GFP_THISNODE has no zonelists of its own, the pass ends with the first node.
  bool leaves_node(const Zone& zone) const {
    return gfp_.has(__GFP_THISNODE) && !memory_.commons().switches.thisnode_lists &&
           zone.id().node != zonelist_.first().id().node;
  }

  ZoneVerdict examine(Zone& zone) {
    const bool checks_cpuset = flags_ & ALLOC_CPUSET;
    if (checks_cpuset && !memory_.cpusets().allows_softwall(task_, zone.id().node, gfp_)) {
      tell_skipped(zone, event::SkipReason::cpuset);
      return ZoneVerdict::forbidden;
    }
    if (flags_ & ALLOC_NO_WATERMARKS) return ZoneVerdict::take;

    const PageCount mark = zone.marks.select(flags_);
    const bool ok = zone.watermark_ok(order_, mark, zonelist_.classzone(), flags_);
    if (memory_.steps().heard()) [[unlikely]]
      tell_watermark_test(zone, mark, ok);
    if (ok) [[likely]]
      return ZoneVerdict::take;
    if (memory_.zone_reclaim_mode() == 0) return ZoneVerdict::full;

    const bool reclaimed = reclaimer_.zone_reclaim(task_, zone, gfp_, order_);
    memory_.steps().tell(task_, event::ZoneReclaim{zone.id(), reclaimed});
    return reclaimed ? ZoneVerdict::take : ZoneVerdict::full;  // taken without another test
  }

  void tell_skipped(const Zone& zone, event::SkipReason why) const {
    memory_.steps().tell_detail(task_, event::ZoneSkipped{zone.id(), why});
  }

  void tell_watermark_test(const Zone& zone, PageCount mark, bool ok) const {
    memory_.steps().tell(task_, event::WatermarkTest{zone.id(), mark, zone.free_pages(), ok});
  }

  bool cache_rules_out(std::size_t position) const {
    if (!zonelist_.cache) return false;
    const Zone& zone = *zonelist_.zones[position];
    const bool full = zonelist_.cache->full.test(position);
    if (!full && allowed_nodes_.test(zone.id().node.value)) return false;
    tell_skipped(zone, full ? event::SkipReason::cache_full : event::SkipReason::cache_not_allowed);
    return true;
  }

  /// zlc_mark_zone_full()
  void mark_full(std::size_t position) {
    zonelist_.cache->full.set(position);
    memory_.steps().tell_detail(
        task_, event::ZoneMarkedFull{zonelist_.zones[position]->id(), &zonelist_});
  }

  /// zlc_setup: after the first zone that was examined and refused. Forgets what is a second old.
  void set_up_cache() {
    cache_set_up_ = true;
    cache_active_ = true;
    if (!zonelist_.cache) return;
    ZonelistCache& cache = *zonelist_.cache;
    const Jiffies now = machine_.jiffies();
    if ((now - cache.last_full_zap).value > memory_.config().hz) {
      cache.full.reset();
      cache.last_full_zap = now;
      memory_.steps().tell_detail(task_, event::ZonelistCacheZapped{&zonelist_});
    }
    const bool by_cpuset = !task_.in_interrupt && (flags_ & ALLOC_CPUSET);
    allowed_nodes_ = by_cpuset ? task_.mems_allowed : memory_.nodes_with_memory();
  }

  MaybePfn buffered_rmqueue(Zone& zone) {
    const OnCpu on{task_};
    const MaybePfn page = zone.take(on, order_, gfp_);
    if (!page) [[unlikely]]
      return std::nullopt;
    memory_.events().pgalloc[index(zone.id().type)] += order_.pages().value;
    count_numa(on, zone);
    return *page;
  }

  /// zone_statistics(): one count a call, whatever the order. Intended is the node of the first
  /// zone of the list, which is not always the node that was asked for.
  void count_numa(const OnCpu& on, Zone& zone) const {
    Zone& first = *zonelist_.zones.front();
    CpuStatDeltas& deltas = zone.pagesets[on.cpu.value].deltas;
    if (zone.id().node == first.id().node) [[likely]] {
      zone.counters.increment(deltas, ZoneStat::numa_hit);
    } else {
      zone.counters.increment(deltas, ZoneStat::numa_miss);
      first.count_up(on, ZoneStat::numa_foreign);
    }
    const bool local = zone.id().node == memory_.node_of_cpu(on.cpu);
    zone.counters.increment(deltas, local ? ZoneStat::numa_local : ZoneStat::numa_other);
  }

  Memory& memory_;
  Machine& machine_;
  Reclaimer& reclaimer_;
  Task& task_;
  const Gfp gfp_;
  const Order order_;
  Zonelist& zonelist_;
  const AllocFlags flags_;
  bool cache_active_ = false;  // zones the cache calls full are skipped
  bool cache_set_up_ = false;  // once a pass
  NodeMask allowed_nodes_;     // valid while the cache is active
};

}  // namespace

void PageAllocator::tell_end_of_pass(Task& task, Gfp gfp, Order order, const Zonelist& zonelist,
                                     MaybePfn page) const {
  const Steps& steps = memory_.steps();
  if (!page) return steps.tell(task, event::PassEnd{false, Pfn{0}, ZoneId{}});
  const ZoneId zone = memory_.zone_of(*page).id();
  steps.tell(task, event::PassEnd{true, *page, zone});
  steps.tell(task, event::Allocated{gfp, order, *page, zone, zonelist.first().id()});
}

MaybePfn PageAllocator::get_page_from_freelist(Task& task, Gfp gfp, Order order, Zonelist& zonelist,
                                               AllocFlags flags) {
  const bool heard = memory_.steps().heard();
  if (heard) [[unlikely]]
    memory_.steps().tell(task, event::PassBegin{gfp, order, flags, &zonelist});
  Pass pass({memory_, machine_, reclaimer_}, task, gfp, order, zonelist, flags);
  const MaybePfn page = pass.run();
  if (heard) [[unlikely]] tell_end_of_pass(task, gfp, order, zonelist, page);
  return page;
}

}  // namespace numasim
