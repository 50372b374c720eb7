// Direct reclaim (mm/vmscan.c of 2.6.24: try_to_free_pages, shrink_zones).

#include "allocator/vmscan.hpp"

#include <algorithm>
#include <utility>

namespace numasim {

bool Vmscan::allowed(const Task& task, const Zone& zone) const {
  return memory_.cpusets().allows_hardwall(task, zone.id().node, GFP_KERNEL);
}

PageCount Vmscan::lru_pages(const Zone& zone) const {
  return {zone.counters.read(ZoneStat::active) + zone.counters.read(ZoneStat::inactive)};
}

std::int64_t Vmscan::shrink_slab(Task& task, PageCount scanned, Gfp gfp, PageCount lru) {
  memory_.steps().tell(task, event::SlabShrunk{scanned, lru});
  return slab_.shrink_slab(task, scanned, gfp, lru);
}

bool Vmscan::try_to_free_pages(Task& task, Zonelist& zonelist, Order order, Gfp gfp) {
  memory_.steps().tell(task, event::DirectReclaimBegin{gfp, order});
  ++memory_.events().allocstall;
  ScanControl sc{.gfp = gfp, .order = memory_.commons().switches.lumpy_reclaim ? order : Order{0}};
  PageCount lru{0};
  for (const Zone* zone : zonelist.zones)
    if (allowed(task, *zone)) lru += lru_pages(*zone);

  task.reclaimed_slab = PageCount{0};
  PageCount reclaimed{0}, from_slab{0};
  std::int64_t total_scanned = 0;
  bool progress = false;
  int priority = kDefPriority;
  for (; priority >= 0 && !progress; --priority) {
    sc.nr_scanned = 0;
    if (priority == 0) holders_.disable_swap_token();
    shrink_zones(task, priority, zonelist, sc, reclaimed);
    shrink_slab(task, {sc.nr_scanned}, gfp, lru);
    from_slab += *std::exchange(task.reclaimed_slab, PageCount{0});
    total_scanned += sc.nr_scanned;
    progress = (reclaimed + from_slab).value >= sc.swap_cluster_max;
    if (progress) break;

    // Scanning without success: get the dirty pages written, and give the writes time to end.
    if (total_scanned > sc.swap_cluster_max + sc.swap_cluster_max / 2) {
      memory_.steps().tell(task, event::PdflushWake{{total_scanned}});
      writeback_.wakeup_pdflush(task, {total_scanned});
      sc.may_writepage = true;
    }
    if (sc.nr_scanned != 0 && priority < kDefPriority - 2)
      congestion_.wait(task, IoDirection::write, tenth_of_second());
  }
  // Until kswapd has given up every zone, having tried counts as progress.
  if (!progress) progress = !sc.all_unreclaimable;
  task.reclaimed_slab.reset();
  note_priority(task, zonelist, std::max(priority, 0));
  machine_.spend(task);
  memory_.steps().tell(task, event::DirectReclaimEnd{gfp, order, progress, reclaimed});
  return progress;
}

void Vmscan::shrink_zones(Task& task, int priority, Zonelist& zonelist, ScanControl& sc,
                          PageCount& reclaimed) {
  sc.all_unreclaimable = true;
  for (Zone* zone : zonelist.zones) {
    if (!allowed(task, *zone)) continue;
    zone->lru.prev_priority = std::min(zone->lru.prev_priority, priority);
    if (zone->lru.all_unreclaimable && priority != kDefPriority) continue;  // kswapd polls it
    sc.all_unreclaimable = false;
    reclaimed += shrink_zone(task, priority, *zone, sc);
  }
}

void Vmscan::note_priority(Task& task, Zonelist& zonelist, int priority) {
  for (Zone* zone : zonelist.zones)
    if (allowed(task, *zone)) zone->lru.prev_priority = priority;
}

}  // namespace numasim
