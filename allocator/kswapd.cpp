// kswapd and zone_reclaim (mm/vmscan.c of 2.6.24: kswapd, balance_pgdat, zone_reclaim).

#include <algorithm>

#include "allocator/vmscan.hpp"

namespace numasim {

/// What one round of balance_pgdat carries from priority to priority.
struct Vmscan::Balance {
  std::array<int, kZoneTypes> priority_used{kDefPriority, kDefPriority, kDefPriority,
                                            kDefPriority};
  std::int64_t total_scanned = 0;
  PageCount reclaimed{0};
  PageCount from_slab{0};  // of them
  bool all_zones_ok = true;
};

void Vmscan::kswapd(Task& task, Node& node) {
  task.memalloc = task.swapwrite = task.is_kswapd = true;
  Order order{0};
  for (;;) {
    const Order wanted = std::exchange(node.kswapd_max_order, Order{0});
    if (order < wanted) {
      order = wanted;  // a larger block was asked for while we worked
    } else {
      node.kswapd_waiting = true;
      machine_.wait(task, node.kswapd_wait);
      node.kswapd_waiting = false;
      order = node.kswapd_max_order;
    }
    memory_.steps().tell(task, event::KswapdBegin{node.id, order});
    const PageCount reclaimed = balance_pgdat(task, node, order).total;
    memory_.steps().tell(task, event::KswapdEnd{node.id, order, reclaimed});
  }
}

Vmscan::Balanced Vmscan::balance_pgdat(Task& task, Node& node, Order order) {
  PageCount total{0};
  const Order scan_order = memory_.commons().switches.lumpy_reclaim ? order : Order{0};
  for (int round = 1;; ++round) {
    ++memory_.events().pageoutrun;
    ScanControl sc{.gfp = GFP_KERNEL, .order = scan_order};
    Balance balance;
    for (int priority = kDefPriority; priority >= 0; --priority)
      if (balance_at(task, node, order, priority, sc, balance)) break;
    for (const auto& zone : node.zones)
      zone->lru.prev_priority = balance.priority_used[index(zone->id().type)];
    machine_.spend(task);
    total += balance.reclaimed - balance.from_slab;
    if (balance.all_zones_ok) return {balance.reclaimed, total};
    machine_.cond_resched(task);
    memory_.steps().tell(task, event::BalanceAgain{node.id});
    if (round == stop_at_restart_) return {balance.reclaimed, total};
  }
}

/// One priority of a round; true when the round is over.
bool Vmscan::balance_at(Task& task, Node& node, Order order, int priority, ScanControl& sc,
                        Balance& balance) {
  if (priority == 0) holders_.disable_swap_token();
  balance.all_zones_ok = true;
  const int end_zone = highest_unbalanced(node, order, priority);
  if (end_zone < 0) return true;
  PageCount lru{0};
  for (int type = 0; type <= end_zone; ++type)
    lru += lru_pages(*node.zones[static_cast<unsigned>(type)]);
  for (int type = 0; type <= end_zone; ++type) {
    Zone& zone = *node.zones[static_cast<unsigned>(type)];
    if (!zone.populated()) continue;
    if (zone.lru.all_unreclaimable && priority != kDefPriority) continue;
    const auto klass = static_cast<unsigned>(end_zone);
    if (!zone.watermark_ok(order, zone.marks.high, klass, 0)) balance.all_zones_ok = false;
    const bool ample = zone.watermark_ok(order, {8 * zone.marks.high.value}, klass, 0);
    const bool skips = ample && memory_.commons().switches.kswapd_skips_ample_zones;
    balance_zone(task, zone, priority, lru, skips, sc, balance);
  }
  if (balance.all_zones_ok) return true;
  if (balance.total_scanned != 0 && priority < kDefPriority - 2)
    congestion_.wait(task, IoDirection::write, tenth_of_second());
  return balance.reclaimed.value >= sc.swap_cluster_max;
}

/// The highest zone below its high mark, lowmem_reserve aside; -1 when all are well.
int Vmscan::highest_unbalanced(const Node& node, Order order, int priority) const {
  for (int type = kZoneTypes - 1; type >= 0; --type) {
    const Zone& zone = *node.zones[static_cast<unsigned>(type)];
    if (!zone.populated()) continue;
    if (zone.lru.all_unreclaimable && priority != kDefPriority) continue;
    if (!zone.watermark_ok(order, zone.marks.high, 0, 0)) return type;
  }
  return -1;
}

void Vmscan::balance_zone(Task& task, Zone& zone, int priority, PageCount lru, bool skips_lists,
                          ScanControl& sc, Balance& balance) {
  balance.priority_used[index(zone.id().type)] = priority;
  sc.nr_scanned = 0;
  zone.lru.prev_priority = std::min(zone.lru.prev_priority, priority);
  if (!skips_lists) balance.reclaimed += shrink_zone(task, priority, zone, sc);
  task.reclaimed_slab = PageCount{0};  // those that went with their pages do not count
  const std::int64_t slab_freed = shrink_slab(task, {sc.nr_scanned}, GFP_KERNEL, lru);
  const PageCount from_slab = *std::exchange(task.reclaimed_slab, std::nullopt);
  balance.reclaimed += from_slab;
  balance.from_slab += from_slab;
  balance.total_scanned += sc.nr_scanned;
  if (zone.lru.all_unreclaimable) return;
  if (slab_freed == 0 && zone.lru.pages_scanned >= lru_pages(zone).value * 6)
    zone.lru.all_unreclaimable = true;
  const std::int64_t little = balance.reclaimed.value + balance.reclaimed.value / 2;
  if (balance.total_scanned > sc.swap_cluster_max * 2 && balance.total_scanned > little)
    sc.may_writepage = true;
}

PageCount Vmscan::unmapped_file_pages(const Zone& zone) {
  return {zone.counters.read(ZoneStat::file_pages) - zone.counters.read(ZoneStat::file_mapped)};
}

/// Slab caches belong to no zone: they are shrunk until this zone's share of them has gone down
/// enough, or they give nothing more.
PageCount Vmscan::reclaim_slab_of(Task& task, Zone& zone, const ScanControl& sc, Order order) {
  const auto slab = [&] { return zone.counters.read(ZoneStat::slab_reclaimable); };
  const std::int64_t before = slab();
  if (before <= zone.min_slab.value) return {0};
  while (shrink_slab(task, {sc.nr_scanned}, sc.gfp, {order.value}) != 0 &&
         slab() > before - order.pages().value) {
  }
  return {std::max<std::int64_t>(before - slab(), 0)};
}

bool Vmscan::zone_reclaim_refused(const Task& task, const Zone& zone, Gfp gfp) const {
  const bool little_cache = unmapped_file_pages(zone) <= zone.min_unmapped;
  const bool little_slab =
      zone.counters.read(ZoneStat::slab_reclaimable) <= zone.min_slab.value;
  if (little_cache && little_slab) return true;
  if (zone.lru.all_unreclaimable) return true;
  if (!gfp.has(__GFP_WAIT) || task.memalloc) return true;
  const NodeId node = zone.id().node;
  return memory_.node_has_cpus(node) && node != memory_.node_of_cpu(task.cpu);
}

bool Vmscan::zone_reclaim(Task& task, Zone& zone, Gfp gfp, Order order) {
  constexpr int kZoneReclaimPriority = 4;
  constexpr int kReclaimWrite = 2, kReclaimSwap = 4;  // bits of zone_reclaim_mode
  const bool taken = memory_.commons().switches.zone_reclaim_gives_way
                         ? zone.lru.reclaim_in_progress > 0
                         : zone.lru.reclaim_locked;
  if (taken || zone_reclaim_refused(task, zone, gfp)) return false;
  zone.lru.reclaim_locked = true;
  const int mode = memory_.zone_reclaim_mode();
  ScanControl sc{.gfp = gfp,
                 .may_writepage = (mode & kReclaimWrite) != 0,
                 .may_swap = (mode & kReclaimSwap) != 0,
                 .swap_cluster_max = std::max<std::int64_t>(order.pages().value, 32)};
  holders_.disable_swap_token();
  const bool had_swapwrite = task.swapwrite;
  task.memalloc = task.swapwrite = true;
  PageCount reclaimed{0};
  if (unmapped_file_pages(zone) > zone.min_unmapped) {
    for (int priority = kZoneReclaimPriority; priority >= 0; --priority) {
      zone.lru.prev_priority = std::min(zone.lru.prev_priority, priority);
      reclaimed += shrink_zone(task, priority, zone, sc);
      if (reclaimed >= order.pages()) break;
    }
  }
  reclaimed += reclaim_slab_of(task, zone, sc, order);
  task.memalloc = false;
  task.swapwrite = had_swapwrite;
  zone.lru.reclaim_locked = false;
  return reclaimed >= order.pages();
}

}  // namespace numasim
