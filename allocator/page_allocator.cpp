// The slow path of __alloc_pages. The order of the steps is the model: mm/page_alloc.c of
// Linux 2.6.24; where 2.6.20-2.6.22 differ, a named switch says so.

#include "allocator/page_allocator.hpp"

#include <algorithm>

#include "allocator/check.hpp"
#include "allocator/oom_constraint.hpp"

namespace numasim {

std::string_view to_string(Why why) {
  switch (why) {
    case Why::order_too_large: return "order_too_large";
    case Why::injected: return "injected";
    case Why::empty_zonelist: return "empty_zonelist";
    case Why::this_node_full: return "this_node_full";
    case Why::reserves_empty: return "reserves_empty";
    case Why::may_not_use_reserves: return "may_not_use_reserves";
    case Why::cannot_wait: return "cannot_wait";
    case Why::costly_order: return "costly_order";
    case Why::no_progress: return "no_progress";
  }
  return "unknown";
}

PageAllocator::PageAllocator(Memory& memory, Machine& machine, Congestion& congestion,
                             Reclaimer& reclaimer, std::uint64_t seed)
    : memory_(memory),
      machine_(machine),
      congestion_(congestion),
      reclaimer_(reclaimer),
      printk_ratelimit_(memory.config()),
      fault_injection_(memory.config(), seed) {}

AllocResult PageAllocator::alloc_pages(Task& task, Gfp gfp, Order order, NodeId node) {
  if (order.value >= kMaxOrder) return Failed{Why::order_too_large};
  return alloc_pages(task, gfp, order, memory_.zonelist(node, gfp));
}

/// The whole of __alloc_pages from its label restart; each turn of the loop is one goto restart.
AllocResult PageAllocator::alloc_pages(Task& task, Gfp gfp, Order order, Zonelist& zonelist) {
  if (fault_injection_.armed() && should_fail(task, gfp, order, zonelist)) [[unlikely]]
    return Failed{Why::injected};
  AllocRequest request{gfp, order, zonelist};
  for (;;) {
    if (zonelist.empty()) return Failed{Why::empty_zonelist};

    if (auto page = get_page_from_freelist(task, gfp | __GFP_HARDWALL, order, zonelist,
                                           ALLOC_WMARK_LOW | ALLOC_CPUSET))
      return prep_new_page(task, *page, gfp, order);

    const Verdict verdict = slow_path(task, request);
    if (const Pfn* page = std::get_if<Pfn>(&verdict)) return prep_new_page(task, *page, gfp, order);
    if (const Failed* failed = std::get_if<Failed>(&verdict))
      return nopage(task, request, failed->why);
  }
}

bool PageAllocator::should_fail(const Task& task, Gfp gfp, Order order, const Zonelist& zonelist) {
  std::optional<ZoneId> preferred;
  if (!zonelist.empty()) preferred = zonelist.first().id();
  if (!fault_injection_.should_fail(task, gfp, order, preferred)) return false;
  memory_.steps().tell(task, event::FaultInjected{gfp, order, preferred});
  return true;
}

MaybePfn PageAllocator::probe_node(Task& task, Gfp gfp, NodeId node) {
  Zonelist& zonelist = memory_.zonelist(node, gfp);
  if (zonelist.empty() || should_fail(task, gfp, Order{0}, zonelist)) return std::nullopt;
  return get_page_from_freelist(task, gfp | __GFP_HARDWALL, Order{0}, zonelist,
                                ALLOC_WMARK_LOW | ALLOC_CPUSET);
}

/// The block is ours: what the request wants done to it before it is handed out.
void PageAllocator::treat_new_page(Task& task, Pfn page, Gfp gfp, Order order) {
  if (order.value > 0 && gfp.has(__GFP_COMP)) memory_.frames()[page].set(PageFlag::compound);
  if (gfp.has(__GFP_ZERO))
    machine_.touch(task, memory_.zone_of(page).id().node, to_bytes(order.pages()), Traffic::zero);
}

/// The low mark did not hold: wakes kswapd, goes deeper, then frees memory.
PageAllocator::Verdict PageAllocator::slow_path(Task& task, AllocRequest& request) {
  if (request.this_node_only()) return Failed{Why::this_node_full};

  task.meter.add(memory_.commons().costs.slow_path);
  wake_kswapds(task, request);
  request.alloc_flags = second_pass_flags(task, request.gfp);
  if (auto page = get_page_from_freelist(task, request.gfp, request.order, request.zonelist,
                                         request.alloc_flags))
    return *page;

  return rebalance(task, request);
}

/// Frees memory on behalf of the task until a page turns up, the OOM killer has run, or waiting is
/// pointless. kswapd is not woken again and no pass precedes the next reclaim.
PageAllocator::Verdict PageAllocator::rebalance(Task& task, AllocRequest& request) {
  for (;;) {
    const bool may_use_all_reserves = (task.memalloc || task.memdie) && !task.in_interrupt;
    if (may_use_all_reserves) return take_ignoring_watermarks(task, request);
    if (!request.may_wait()) return Failed{Why::cannot_wait};

    const bool progress = direct_reclaim(task, request);
    if (progress) {
      if (auto page = get_page_from_freelist(task, request.gfp, request.order, request.zonelist,
                                             request.alloc_flags))
        return *page;
    } else if (request.may_oom()) {
      return out_of_memory(task, request);
    }

    if (!keeps_trying(request)) return Failed{Why::no_progress};
    wait_for_writes(task);
  }
}

/// A task that frees memory, or is dying, may take the last page; it never reclaims itself.
PageAllocator::Verdict PageAllocator::take_ignoring_watermarks(Task& task, AllocRequest& request) {
  if (request.gfp.has(__GFP_NOMEMALLOC)) return Failed{Why::may_not_use_reserves};
  for (;;) {
    if (auto page = get_page_from_freelist(task, request.gfp, request.order, request.zonelist,
                                           ALLOC_NO_WATERMARKS))
      return *page;
    if (!request.gfp.has(__GFP_NOFAIL)) return Failed{Why::reserves_empty};
    wait_for_writes(task);
  }
}

/// Synchronous reclaim by the task itself. For a block, every CPU's lists are emptied afterwards,
/// whether or not there was progress, so that single pages can merge.
bool PageAllocator::direct_reclaim(Task& task, AllocRequest& request) {
  machine_.cond_resched(task);
  ++memory_pressure_bumps_;
  memory_.cpusets().memory_pressure_bump(task, machine_.now());
  ++request.rounds;
  task.memalloc = true;
  const bool progress =
      reclaimer_.try_to_free_pages(task, request.zonelist, request.order, request.gfp);
  task.memalloc = false;
  machine_.cond_resched(task);
  if (request.order.value != 0 && memory_.commons().switches.drain_after_reclaim)
    memory_.drain_all(task);
  return progress;
}

/// Nothing could be reclaimed: kill, unless a kill cannot help. One killer per zonelist.
PageAllocator::Verdict PageAllocator::out_of_memory(Task& task, AllocRequest& request) {
  const bool locks = memory_.commons().switches.zone_oom_lock;
  if (locks && !try_lock_zones(request.zonelist)) {  // another task kills: let its victim exit
    memory_.steps().tell(task, event::OomLockLost{});
    machine_.sleep(task, Jiffies{1});
    return Restart{};
  }
  Verdict verdict = before_oom(task, request);
  if (std::holds_alternative<GoOn>(verdict)) {
    if (memory_.steps().heard()) tell_out_of_memory(task, request);
    reclaimer_.out_of_memory(task, request.zonelist, request.gfp, request.order);
    verdict = Restart{};
  }
  if (locks) unlock_zones(request.zonelist);
  return verdict;
}

void PageAllocator::tell_out_of_memory(Task& task, const AllocRequest& request) const {
  const OomConstraint constraint =
      constrained_alloc(memory_, task, request.zonelist, request.gfp);
  memory_.steps().tell(task, event::OutOfMemory{request.gfp, request.order, constraint,
                                                request.zonelist.first().id()});
}

/// The high mark: only a kill that happened meanwhile can lift the zones above it.
PageAllocator::Verdict PageAllocator::before_oom(Task& task, AllocRequest& request) {
  if (auto page = get_page_from_freelist(task, request.gfp | __GFP_HARDWALL, request.order,
                                         request.zonelist, ALLOC_WMARK_HIGH | ALLOC_CPUSET))
    return *page;
  const bool costly = request.order.value > kCostlyOrder;
  if (costly && memory_.commons().switches.costly_order_never_kills)
    return Failed{Why::costly_order};
  return GoOn{};
}

/// NORETRY beats all; small orders go on for ever, larger ones when asked to.
bool PageAllocator::keeps_trying(const AllocRequest& request) const {
  if (request.gfp.has(__GFP_NORETRY)) return false;
  if (request.order.value <= kCostlyOrder || request.gfp.has(__GFP_NOFAIL)) return true;
  if (!request.gfp.has(__GFP_REPEAT)) return false;
  const int limit = memory_.config().repeat_attempts_max;
  return limit == 0 || request.rounds < limit;
}

/// How far below the low mark this task may go: atomic and real-time requests deeper, __GFP_HIGH
/// deeper still. Requests that cannot wait ignore cpusets rather than fail.
AllocFlags PageAllocator::second_pass_flags(const Task& task, Gfp gfp) const {
  const bool wait = gfp.has(__GFP_WAIT);
  AllocFlags flags = ALLOC_WMARK_MIN;
  if ((task.realtime && !task.in_interrupt) || !wait) flags |= ALLOC_HARDER;
  if (gfp.has(__GFP_HIGH)) flags |= ALLOC_HIGH;
  if (wait) flags |= ALLOC_CPUSET;
  return flags;
}

AllocResult PageAllocator::nopage(Task& task, const AllocRequest& request, Why why) {
  const bool warned =
      !request.gfp.has(__GFP_NOWARN) && printk_ratelimit_.allows(machine_.jiffies());
  if (warned) ++warnings_;
  memory_.steps().tell(task,
                       event::AllocFailed{request.gfp, request.order, warned, to_string(why)});
  return Failed{why};
}

bool PageAllocator::try_lock_zones(Zonelist& zonelist) {
  if (std::ranges::any_of(zonelist.zones, [](const Zone* z) { return z->oom_locked; }))
    return false;
  for (Zone* zone : zonelist.zones) zone->oom_locked = true;
  return true;
}

void PageAllocator::unlock_zones(Zonelist& zonelist) {
  for (Zone* zone : zonelist.zones) zone->oom_locked = false;
}

void PageAllocator::wake_kswapds(Task& task, const AllocRequest& request) {
  for (Zone* zone : request.zonelist.zones) wakeup_kswapd(task, *zone, request.order);
}

/// Gives the node's kswapd work if this zone is below its low mark, lowmem_reserve aside.
void PageAllocator::wakeup_kswapd(Task& task, Zone& zone, Order order) {
  constexpr unsigned kNoReserve = 0;  // class 0: lowmem_reserve[0] is always 0
  if (zone.watermark_ok(order, zone.marks.low, kNoReserve, 0)) return;
  Node& node = memory_.node(zone.id().node);
  node.kswapd_max_order = std::max(node.kswapd_max_order, order);
  if (!memory_.cpusets().allows_hardwall(task, node.id, GFP_KERNEL)) return;
  memory_.steps().tell(task, event::KswapdWake{zone.id(), order, node.kswapd_waiting});
  if (!std::exchange(node.kswapd_waiting, false)) return;
  machine_.wake_all(node.kswapd_wait);
}

/// The nap between two rounds: a fiftieth of a second, or until a write queue is relieved.
void PageAllocator::wait_for_writes(Task& task) {
  congestion_.wait(task, IoDirection::write, Jiffies{memory_.config().hz / 50});
}

bool PrintkRateLimit::allows(Jiffies now) {
  tokens_ = std::min(tokens_ + (now - last_).value, most_);
  last_ = now;
  if (tokens_ < cost_) return false;
  tokens_ -= cost_;
  return true;
}

}  // namespace numasim
