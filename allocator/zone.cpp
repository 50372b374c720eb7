#include "allocator/zone.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {

namespace {

std::string name_of(ZoneId id) {
  return std::to_string(id.node.value) + '/' + std::string(to_string(id.type));
}

}  // namespace

Zone::Zone(Commons& commons, ZoneId id, PfnRange span, PageCount present, unsigned cpus)
    : buddy(commons.frames, commons.pageblocks, span),
      lock(name_of(id) + " zone->lock"),
      lru_lock(name_of(id) + " zone->lru_lock"),
      counters(commons.stats),
      pagesets(present.value > 0 ? cpus : 0),
      commons_(commons),
      id_(id),
      span_(span),
      present_(present) {
  constexpr PagesetSize kBootPageset{0, 1};  // until setup_per_cpu_pageset: frees pass through
  for (Pageset& pageset : pagesets) pageset.hot.size = pageset.cold.size = kBootPageset;
}

/// First page of the list that has this type. If there is none and a refill brings none either, any
/// page will do.
FrameIndex Zone::find_of_type(const OnCpu& on, PerCpuList& list, MigrateType type) {
  FrameIndex page = list.pages.first();
  while (page != kNoFrame && commons_.frames.at(page).type() != type)
    page = commons_.frames.at(page).next;
  if (page != kNoFrame) return page;
  refill(on, list, type);
  return list.pages.first();
}

MaybePfn Zone::take_block(const OnCpu& on, Order order, MigrateType type) {
  on.charge(commons_.costs.buddy_base, lock);
  const MaybePfn block = rmqueue(on, order, type);
  if (block) commons_.frames[*block].become(FrameState::in_use, order, MigrateType::unmovable);
  return block;
}

MaybePfn Zone::rmqueue(const OnCpu& on, Order order, MigrateType type) {
  const SplitBlock block = buddy.take_smallest(order, type);
  if (!block.pfn) [[unlikely]] return rmqueue_other_type(on, order, type);
  account_taken(on, order, block.splits);
  return block.pfn;
}

/// None of the wanted type: steals one or takes of the reserve.
MaybePfn Zone::rmqueue_other_type(const OnCpu& on, Order order, MigrateType type) {
  const std::optional<TakenBlock> taken = buddy.take(order, type);
  if (!taken) return std::nullopt;
  account_taken(on, order, taken->splits);
  if (taken->fallback)
    commons_.steps.tell(on.task, event::Fallback{id_, order, type, taken->fallback->block,
                                                 taken->fallback->found, taken->fallback->from});
  return taken->pfn;
}

void Zone::account_taken(const OnCpu& on, Order order, unsigned splits) {
  count(on, ZoneStat::free_pages, -order.pages().value);
  if (splits > 0) on.charge({commons_.costs.buddy_per_step.value * splits}, lock);
}

/// rmqueue_bulk: up to a batch of single pages, in front of what the list holds, in the order they
/// come. They carry the requested type even when stolen.
void Zone::refill(const OnCpu& on, PerCpuList& list, MigrateType type) {
  FrameIndex last = kNoFrame;
  int got = 0;
  while (got < list.size.batch) {
    const MaybePfn page = rmqueue(on, Order{0}, type);
    if (!page) break;
    commons_.frames[*page].become(FrameState::on_pageset, Order{0}, type);
    list.pages.insert_after(commons_.frames, last, to_index(*page));
    last = to_index(*page);
    ++got;
  }
  if (commons_.steps.heard_in_detail()) tell_filled(on, list, got);
  on.charge({commons_.costs.refill_base.value + commons_.costs.refill_per_page.value * got}, lock);
  const bool cold = &list == &pagesets[on.cpu.value].cold;
  commons_.steps.tell(on.task, event::Refill{id_, cold, {list.size.batch}, {got}, type});
}

void Zone::tell_filled(const OnCpu& on, const PerCpuList& list, int count) const {
  FrameIndex page = list.pages.first();
  for (int i = 0; i < count; ++i, page = commons_.frames.at(page).next)
    commons_.steps.tell_detail(
        on.task, event::PagesetFilled{to_pfn(page), commons_.frames.at(page).type()});
}

void Zone::tell_drained(const OnCpu& on, const PerCpuList& list, std::int64_t count) const {
  FrameIndex page = list.pages.last();
  for (std::int64_t i = 0; i < count; ++i, page = commons_.frames.at(page).prev)
    commons_.steps.tell_detail(
        on.task, event::PagesetDrained{to_pfn(page), commons_.pageblocks.type(to_pfn(page))});
}

void Zone::free_block(const OnCpu& on, Pfn pfn, Order order) {
  forget_unreclaimable();
  const CostModel& costs = commons_.costs;
  on.charge({costs.block_check_per_page.value * order.pages().value});  // before it is locked
  on.charge(costs.buddy_base, lock);
  give(on, pfn, order);
}

void Zone::drain(const OnCpu& on) {
  Pageset& pageset = pagesets[on.cpu.value];
  for (PerCpuList* list : {&pageset.hot, &pageset.cold}) free_bulk(on, *list, list->pages.size());
}

void Zone::free_bulk(const OnCpu& on, PerCpuList& list, std::int64_t count) {
  forget_unreclaimable();  // even when there is nothing to free
  if (commons_.steps.heard_in_detail()) tell_drained(on, list, count);
  FrameIndex ahead = list.pages.last();
  for (std::int64_t i = 0; i < count; ++i, ahead = commons_.frames.at(ahead).prev)
    buddy.fetch_neighbours(to_pfn(ahead));
  for (std::int64_t i = 0; i < count; ++i) {
    const FrameIndex page = list.pages.last();
    list.pages.remove(commons_.frames, page);
    give(on, to_pfn(page), Order{0});
  }
  on.charge({commons_.costs.refill_base.value + commons_.costs.flush_per_page.value * count},
            lock);
  const bool cold = &list == &pagesets[on.cpu.value].cold;
  commons_.steps.tell(on.task, event::BulkFree{id_, cold, {count}, on.cpu});
}

void Zone::give(const OnCpu& on, Pfn pfn, Order order) {
  const unsigned merges = buddy.give(pfn, order);
  count(on, ZoneStat::free_pages, order.pages().value);
  if (merges > 0) on.charge({commons_.costs.buddy_per_step.value * merges}, lock);
}

/// A page that reaches the buddy lists gives the zone another chance to be reclaimed.
void Zone::forget_unreclaimable() {
  lru.all_unreclaimable = false;
  lru.pages_scanned = 0;
}

void Zone::refresh_counters(const OnCpu& on, NodeId node_of_cpu) {
  constexpr std::uint8_t kQuietRefreshes = 3;
  Pageset& pageset = pagesets[on.cpu.value];
  if (counters.fold_all(pageset.deltas)) pageset.expire = kQuietRefreshes;
  const bool holds_pages = !pageset.hot.pages.empty() || !pageset.cold.pages.empty();
  if (pageset.expire == 0 || !holds_pages) return;
  if (id_.node == node_of_cpu) {
    pageset.expire = 0;
    return;
  }
  if (--pageset.expire > 0) return;
  trim_pageset(on);
}

void Zone::trim_pageset(const OnCpu& on) {
  Pageset& pageset = pagesets[on.cpu.value];
  for (PerCpuList* list : {&pageset.hot, &pageset.cold})
    if (!list->pages.empty())
      free_bulk(on, *list, std::min<std::int64_t>(list->size.batch, list->pages.size()));
}

void Zone::check() const {
  buddy.check();
  std::int64_t pending = 0;
  for (const Pageset& pageset : pagesets) {
    pending += pageset.deltas.values[index(ZoneStat::free_pages)];
    for (const PerCpuList* list : {&pageset.hot, &pageset.cold}) {
      std::int64_t counted = 0;
      FrameIndex before = kNoFrame;
      for (FrameIndex at = list->pages.first(); at != kNoFrame; at = commons_.frames.at(at).next) {
        const Frame& frame = commons_.frames.at(at);
        MM_CHECK(frame.state() == FrameState::on_pageset, "pfn", at);
        MM_CHECK(frame.prev == before, "pfn", at);
        MM_CHECK(contains(to_pfn(at)), "pfn", at);
        before = at;
        ++counted;
      }
      MM_CHECK(counted == list->pages.size(), "counted", counted, "size", list->pages.size());
    }
  }
  const std::int64_t free = counters.folded(ZoneStat::free_pages) + pending;
  MM_CHECK(free == buddy.free_pages().value, "counter", free, "lists", buddy.free_pages().value);
}

}  // namespace numasim
