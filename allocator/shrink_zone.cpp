// One zone's share of a reclaim pass (mm/vmscan.c of 2.6.24: shrink_zone, shrink_active_list,
// shrink_inactive_list, isolate_lru_pages).

#include <algorithm>

#include "allocator/vmscan.hpp"

namespace numasim {
namespace {

/// Adds this pass's share to what earlier passes left over, and gives it out once it is worth it.
std::int64_t due_scan(std::int64_t& carried, std::int64_t size, int priority,
                      std::int64_t cluster) {
  carried += (size >> priority) + 1;
  if (carried < cluster) return 0;
  return std::exchange(carried, 0);
}

}  // namespace

PageCount Vmscan::shrink_zone(Task& task, int priority, Zone& zone, ScanControl& sc) {
  ++zone.lru.reclaim_in_progress;
  sc.priority = priority;
  std::int64_t active = due_scan(zone.lru.nr_scan_active, zone.counters.read(ZoneStat::active),
                                 priority, sc.swap_cluster_max);
  std::int64_t inactive =
      due_scan(zone.lru.nr_scan_inactive, zone.counters.read(ZoneStat::inactive), priority,
               sc.swap_cluster_max);
  task.meter.add(memory_.commons().costs.reclaim_zone);  // even a vain look takes time
  const PageCount active_asked{active}, inactive_asked{inactive};
  const std::int64_t scanned_before = sc.nr_scanned;

  PageCount reclaimed{0};
  while (active > 0 || inactive > 0) {
    if (active > 0) {
      const std::int64_t nr = std::min(active, sc.swap_cluster_max);
      active -= nr;
      shrink_active_list(task, nr, zone, priority, sc);
    }
    if (inactive > 0) {
      const std::int64_t nr = std::min(inactive, sc.swap_cluster_max);
      inactive -= nr;
      reclaimed += shrink_inactive_list(task, nr, zone, sc);
    }
    machine_.spend(task);
    machine_.cond_resched(task);  // Linux does so for each page
  }

  const bool restricted = !sc.gfp.has(__GFP_FS | __GFP_IO);
  if (restricted && memory_.commons().switches.throttle_nofs_always) {
    memory_.steps().tell(task, event::WriteoutThrottle{});
    congestion_.wait(task, IoDirection::write, tenth_of_second());
  } else {
    writeback_.throttle_vm_writeout(task, sc.gfp);
  }
  --zone.lru.reclaim_in_progress;
  memory_.steps().tell(task,
                       event::ZoneShrunk{zone.id(), priority, active_asked, inactive_asked,
                                         {sc.nr_scanned - scanned_before}, reclaimed});
  return reclaimed;
}

/// swap_tendency: whether the trouble is great enough to take mapped pages.
bool Vmscan::reclaims_mapped(const Zone& zone, int priority, const ScanControl& sc) const {
  if (!sc.may_swap) return false;
  if (zone.lru.pages_scanned >= lru_pages(zone).value * 3) return true;  // near OOM

  const int distress = 100 >> std::min(zone.lru.prev_priority, priority);
  const std::int64_t mapped = memory_.global(ZoneStat::file_mapped) +
                              memory_.global(ZoneStat::anon_pages);
  const std::int64_t mapped_ratio =
      mapped * 100 / std::max<std::int64_t>(memory_.vm_total_pages().value, 1);
  const std::int64_t swappiness = memory_.config().swappiness_percent;
  std::int64_t tendency = mapped_ratio / 2 + distress + swappiness;
  if (memory_.commons().switches.swap_tendency_imbalance) {
    std::int64_t imbalance =
        zone.counters.read(ZoneStat::active) / (zone.counters.read(ZoneStat::inactive) + 1);
    imbalance = imbalance * (swappiness + 1) / 100;
    imbalance = imbalance * mapped_ratio / 100;
    tendency += imbalance;
  }
  return tendency >= 100;
}

void Vmscan::shrink_active_list(Task& task, std::int64_t nr, Zone& zone, int priority,
                                const ScanControl& sc) {
  const OnCpu on{task};
  const bool reclaim_mapped = reclaims_mapped(zone, priority, sc);
  lru_.drain(on);
  const Isolated isolated = isolate(zone, zone.lru.active, nr, sc.order, From::active);
  zone.lru.pages_scanned += isolated.scanned;
  zone.count(on, ZoneStat::active, -static_cast<std::int64_t>(isolated.pages.size()));

  std::vector<Pfn> kept, deactivated;
  for (const Pfn pfn : isolated.pages) {
    const Frame& frame = memory_.frames()[pfn];
    const bool stays =
        frame.has(PageFlag::mapped) &&
        (!reclaim_mapped || (total_swap_pages_.value == 0 && frame.has(PageFlag::anon)) ||
         holders_.page_referenced(task, pfn) != 0);
    (stays ? kept : deactivated).push_back(pfn);
  }
  for (const Pfn pfn : deactivated) lru_.insert(on, zone, pfn, false);
  for (const Pfn pfn : kept) lru_.insert(on, zone, pfn, true);

  VmEvents& events = memory_.events();
  events.pgrefill[index(zone.id().type)] += isolated.scanned;
  events.pgdeactivate += static_cast<std::int64_t>(deactivated.size());
  on.charge({memory_.commons().costs.scan_per_page.value * isolated.scanned}, zone.lru_lock);
}

PageCount Vmscan::shrink_inactive_list(Task& task, std::int64_t max_scan, Zone& zone,
                                       ScanControl& sc) {
  lru_.drain(OnCpu{task});
  PageCount reclaimed{0};
  std::int64_t scanned = 0;
  do {
    const From from = sc.order.value > kCostlyOrder ? From::both : From::inactive;
    Isolated isolated = isolate(zone, zone.lru.inactive, sc.swap_cluster_max, sc.order, from);
    const bool found = !isolated.pages.empty();
    scanned += isolated.scanned;
    reclaimed += shrink_isolated(task, isolated, zone, sc);
    if (!found) break;
    put_back(OnCpu{task}, zone, isolated.pages);
  } while (scanned < max_scan);
  return reclaimed;
}

/// Frees what it can of a group; what is left in `isolated` goes back to the lists.
PageCount Vmscan::shrink_isolated(Task& task, Isolated& isolated, Zone& zone, ScanControl& sc) {
  const auto taken = static_cast<std::int64_t>(isolated.pages.size());
  {
    const OnCpu on{task};
    zone.count(on, ZoneStat::inactive, -taken);
    clear_active_flags(on, zone, isolated.pages);
    zone.lru.pages_scanned += isolated.scanned;
    on.charge({memory_.commons().costs.scan_per_page.value * isolated.scanned}, zone.lru_lock);
  }
  PageCount freed = shrink_page_list(task, isolated.pages, sc, Writes::async);
  const bool needs_block = sc.order.value > kCostlyOrder && !task.is_kswapd;
  if (freed.value < taken && needs_block) {  // contiguity is worth waiting for
    congestion_.wait(task, IoDirection::write, tenth_of_second());
    std::int64_t active = 0;
    for (const Pfn pfn : isolated.pages) {
      Frame& frame = memory_.frames()[pfn];
      if (frame.test_and_clear(PageFlag::active)) ++active;
    }
    memory_.events().pgdeactivate += active;
    freed += shrink_page_list(task, isolated.pages, sc, Writes::sync);
  }

  memory_.steps().tell_detail(
      task, event::InactiveShrunk{zone.id(), sc.priority, sc.order, {sc.swap_cluster_max},
                                  {isolated.scanned}, {taken}, freed});
  VmEvents& events = memory_.events();
  const unsigned type = index(zone.id().type);
  (task.is_kswapd ? events.pgscan_kswapd : events.pgscan_direct)[type] += isolated.scanned;
  if (task.is_kswapd) events.kswapd_steal += freed.value;
  events.pgsteal[type] += freed.value;
  return freed;
}

/// Lumpy reclaim may have taken active pages along; the counters were changed as for inactive ones.
void Vmscan::clear_active_flags(const OnCpu& on, Zone& zone, const std::vector<Pfn>& pages) {
  std::int64_t active = 0;
  for (const Pfn pfn : pages)
    if (memory_.frames()[pfn].test_and_clear(PageFlag::active)) ++active;
  if (active == 0) return;
  zone.count(on, ZoneStat::active, -active);
  zone.count(on, ZoneStat::inactive, active);
  memory_.events().pgdeactivate += active;
}

Vmscan::Isolated Vmscan::isolate(Zone& zone, LinkedList& list, std::int64_t nr, Order order,
                                 From from) {
  Isolated isolated;
  for (std::int64_t scan = 0; scan < nr && !list.empty(); ++scan) {
    const Pfn pfn = to_pfn(list.last());
    list.remove(memory_.frames(), to_index(pfn));
    memory_.frames()[pfn].clear(PageFlag::lru);
    memory_.frames()[pfn].set(PageFlag::isolated);
    isolated.pages.push_back(pfn);
    ++isolated.scanned;
    if (order.value > 0) {
      const std::int64_t before = isolated.scanned;
      isolate_around(zone, pfn, order, from, isolated);
      scan += isolated.scanned - before;
    }
  }
  return isolated;
}

/// Lumpy reclaim: the neighbours in the aligned block around a page, so that a block comes free.
void Vmscan::isolate_around(Zone& zone, Pfn page, Order order, From from, Isolated& isolated) {
  FrameTable& frames = memory_.frames();
  const std::uint64_t length = std::uint64_t{1} << order.value;
  const std::uint64_t begin = page.value & ~(length - 1);
  for (std::uint64_t at = begin; at < begin + length; ++at) {
    const Pfn pfn{at};
    if (pfn == page) continue;
    if (pfn >= frames.end()) break;
    if (!zone.contains(pfn)) continue;
    Frame& frame = frames[pfn];
    if (!frame.has(PageFlag::lru)) continue;
    const bool active = frame.has(PageFlag::active);
    if (from != From::both && active != (from == From::active)) continue;
    (active ? zone.lru.active : zone.lru.inactive).remove(frames, to_index(pfn));
    frame.clear(PageFlag::lru);
    frame.set(PageFlag::isolated);
    isolated.pages.push_back(pfn);
    ++isolated.scanned;
  }
}

void Vmscan::put_back(const OnCpu& on, Zone& zone, const std::vector<Pfn>& pages) {
  for (const Pfn pfn : pages)
    lru_.put_back(on, zone, pfn, memory_.frames()[pfn].has(PageFlag::active));
}

}  // namespace numasim
