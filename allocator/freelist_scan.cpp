// get_page_from_freelist: one pass over a zonelist, with the zonelist cache
// (mm/page_alloc.c of 2.6.24).

#include "allocator/page_allocator.hpp"

namespace numasim {

/// The state of one pass.
struct PageAllocator::Scan {
  Gfp gfp;
  Order order;
  Zonelist& zonelist;
  AllocFlags flags;
  unsigned classzone;
  bool cache_active = false;   // zones the cache calls full are skipped
  bool cache_set_up = false;   // once a pass
  NodeMask allowed_nodes;      // valid while the cache is active
};

std::optional<Pfn> PageAllocator::get_page_from_freelist(Task& task, Gfp gfp, Order order,
                                                         Zonelist& zonelist, AllocFlags flags) {
  memory_.steps().tell(task, event::PassBegin{gfp, order, flags});
  Scan scan{gfp, order, zonelist, flags, zonelist.classzone(), false, false, {}};
  std::optional<Pfn> page = scan_zonelist(task, scan);
  if (!page && scan.cache_active) {  // what the cache hid deserves a second look
    scan.cache_active = false;
    page = scan_zonelist(task, scan);
  }
  const bool heard = memory_.steps().heard();
  if (heard) [[unlikely]] {
    const ZoneId zone = page ? memory_.zone_of(*page).id() : ZoneId{};
    memory_.steps().tell(task, event::PassEnd{page.has_value(), page.value_or(Pfn{0}), zone});
    if (page)
      memory_.steps().tell(task,
                           event::Allocated{gfp, order, *page, zone, zonelist.first().id()});
  }
  return page;
}

std::optional<Pfn> PageAllocator::scan_zonelist(Task& task, Scan& scan) {
  const bool thisnode_by_scan =
      scan.gfp.has(__GFP_THISNODE) && !memory_.commons().switches.thisnode_lists;
  const NodeId first_node = scan.zonelist.first().id().node;
  for (std::size_t i = 0; i < scan.zonelist.zones.size(); ++i) {
    Zone& zone = *scan.zonelist.zones[i];
    task.meter.add(memory_.commons().costs.zone_examined);
    if (filtered_out(scan, zone)) continue;
    if (scan.cache_active && cache_rules_out(scan, i)) continue;
    if (thisnode_by_scan && zone.id().node != first_node) break;

    const ZoneVerdict verdict = examine(task, scan, zone);
    if (verdict == ZoneVerdict::take) {
      if (auto page = buffered_rmqueue(task, scan, zone)) return page;
    }
    if (verdict != ZoneVerdict::forbidden && scan.zonelist.cache)
      scan.zonelist.cache->full.set(i);
    if (!scan.cache_set_up) set_up_cache(task, scan);
  }
  return std::nullopt;
}

/// A list made for a memory policy holds zones above the request's; only those lists and the
/// THISNODE lists have no cache, and THISNODE lists hold nothing to filter.
bool PageAllocator::filtered_out(const Scan& scan, const Zone& zone) {
  if (scan.zonelist.cache || scan.gfp.has(__GFP_THISNODE)) return false;
  return zone.id().type > gfp_zone(scan.gfp);
}

PageAllocator::ZoneVerdict PageAllocator::examine(Task& task, const Scan& scan, Zone& zone) {
  const bool checks_cpuset = scan.flags & ALLOC_CPUSET;
  if (checks_cpuset && !memory_.cpusets().allows_softwall(task, zone.id().node, scan.gfp))
    return ZoneVerdict::forbidden;
  if (scan.flags & ALLOC_NO_WATERMARKS) return ZoneVerdict::take;

  const PageCount mark = zone.marks.select(scan.flags);
  const bool ok = zone.watermark_ok(scan.order, mark, scan.classzone, scan.flags);
  memory_.steps().tell(task, event::WatermarkTest{zone.id(), mark, zone.free_pages(), ok});
  if (ok) return ZoneVerdict::take;
  if (memory_.zone_reclaim_mode() == 0) return ZoneVerdict::full;

  const bool reclaimed = reclaimer_.zone_reclaim(task, zone, scan.gfp, scan.order);
  memory_.steps().tell(task, event::ZoneReclaim{zone.id(), reclaimed});
  return reclaimed ? ZoneVerdict::take : ZoneVerdict::full;  // taken without another test
}

bool PageAllocator::cache_rules_out(const Scan& scan, std::size_t position) const {
  if (!scan.zonelist.cache) return false;
  if (scan.zonelist.cache->full.test(position)) return true;
  return !scan.allowed_nodes.test(scan.zonelist.zones[position]->id().node.value);
}

/// zlc_setup: after the first zone that was examined and refused. Forgets what is a second old.
void PageAllocator::set_up_cache(Task& task, Scan& scan) {
  scan.cache_set_up = true;
  scan.cache_active = true;
  if (!scan.zonelist.cache) return;
  ZonelistCache& cache = *scan.zonelist.cache;
  const Jiffies now = machine_.jiffies();
  if ((now - cache.last_full_zap).value > memory_.config().hz) {
    cache.full.reset();
    cache.last_full_zap = now;
  }
  const bool by_cpuset = !task.in_interrupt && (scan.flags & ALLOC_CPUSET);
  scan.allowed_nodes = by_cpuset ? task.mems_allowed : memory_.nodes_with_memory();
}

std::optional<Pfn> PageAllocator::buffered_rmqueue(Task& task, const Scan& scan, Zone& zone) {
  const OnCpu on{task};
  const std::optional<Pfn> page = zone.take(on, scan.order, scan.gfp);
  if (!page) return std::nullopt;
  memory_.events().pgalloc[index(zone.id().type)] += scan.order.pages().value;
  count_numa(on, zone, scan.zonelist);
  return page;
}

/// zone_statistics(): one count a call, whatever the order. Intended is the node of the first zone
/// of the list, which is not always the node that was asked for.
void PageAllocator::count_numa(const OnCpu& on, Zone& zone, const Zonelist& zonelist) {
  Zone& first = *zonelist.zones.front();
  if (zone.id().node == first.id().node) {
    zone.count_up(on, ZoneStat::numa_hit);
  } else {
    zone.count_up(on, ZoneStat::numa_miss);
    first.count_up(on, ZoneStat::numa_foreign);
  }
  const bool local = zone.id().node == memory_.node_of_cpu(on.cpu);
  zone.count_up(on, local ? ZoneStat::numa_local : ZoneStat::numa_other);
}

}  // namespace numasim
