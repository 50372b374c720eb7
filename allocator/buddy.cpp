#include "allocator/buddy.hpp"

#include "allocator/check.hpp"

namespace numasim {
namespace {

/// Which types a request steals from, in order; RESERVE is the last resort of all.
constexpr MigrateType kFallbacks[3][2] = {
    {MigrateType::reclaimable, MigrateType::movable},    // unmovable
    {MigrateType::unmovable, MigrateType::movable},      // reclaimable
    {MigrateType::reclaimable, MigrateType::unmovable},  // movable
};

constexpr Order one_less(Order order) { return {static_cast<std::uint8_t>(order.value - 1)}; }
constexpr Order one_more(Order order) { return {static_cast<std::uint8_t>(order.value + 1)}; }
constexpr Pfn buddy_of(Pfn block, Order order) {
  return {block.value ^ (std::uint64_t{1} << order.value)};
}
constexpr Pfn merged_start(Pfn block, Order order) {
  return {block.value & ~(std::uint64_t{1} << order.value)};
}

}  // namespace

inline void Buddy::file_small_first(Pfn pfn, Order order, MigrateType type) {
  frames_[pfn].become(FrameState::free_block, order, type);
  list(order, type).push_front(frames_, to_index(pfn));
  ++nr_free_[order.value];
}

inline void Buddy::unlist_small(Pfn pfn, Order order) {
  Frame& frame = frames_[pfn];
  list(order, frame.type()).remove(frames_, to_index(pfn));
  frame.become_tail();
  --nr_free_[order.value];
}

void Buddy::file_first(Pfn pfn, Order order, MigrateType type) {
  if (order < kTopOrder) return file_small_first(pfn, order, type);
  frames_.tops().at(FrameTable::top_index(pfn)).become_free(type);
  list(order, type).push_front(frames_.tops(), FrameTable::top_index(pfn));
  ++nr_free_[order.value];
}

void Buddy::file_last(Pfn pfn, Order order, MigrateType type) {
  if (order < kTopOrder) {
    frames_[pfn].become(FrameState::free_block, order, type);
    list(order, type).push_back(frames_, to_index(pfn));
  } else {
    frames_.tops().at(FrameTable::top_index(pfn)).become_free(type);
    list(order, type).push_back(frames_.tops(), FrameTable::top_index(pfn));
  }
  ++nr_free_[order.value];
}

void Buddy::clear() {
  restored_ = true;
  for (Order order{0}; order <= kTopOrder; order = one_more(order)) {
    for (unsigned type = 0; type < kMigrateTypes; ++type) {
      const auto of_type = static_cast<MigrateType>(type);
      while (!list(order, of_type).empty()) unlist(first_of(order, of_type), order);
    }
  }
}

Pfn Buddy::first_of(Order order, MigrateType type) const {
  const FrameIndex first = list(order, type).first();
  return order == kTopOrder ? top_pfn(first) : to_pfn(first);
}

MigrateType Buddy::listed_type(Pfn pfn, Order order) const {
  return order == kTopOrder ? static_cast<MigrateType>(frames_.top(pfn).type)
                            : frames_[pfn].type();
}

void Buddy::unlist(Pfn pfn, Order order) {
  if (order < kTopOrder) return unlist_small(pfn, order);
  TopBlock& top = frames_.tops().at(FrameTable::top_index(pfn));
  list(order, static_cast<MigrateType>(top.type))
      .remove(frames_.tops(), FrameTable::top_index(pfn));
  top.free = false;
  --nr_free_[order.value];
}

std::optional<TakenBlock> Buddy::take(Order order, MigrateType wanted) {
  if (const auto own = take_smallest(order, wanted); own.pfn)
    return TakenBlock{*own.pfn, own.splits, std::nullopt};
  // A request that is both movable and reclaimable asks for the reserve, which steals from nobody.
  if (wanted == MigrateType::reserve) return std::nullopt;
  if (auto stolen = take_fallback(order, wanted)) return stolen;
  const SplitBlock last = take_smallest(order, MigrateType::reserve);
  if (!last.pfn) return std::nullopt;
  return TakenBlock{*last.pfn, last.splits, std::nullopt};
}

SplitBlock Buddy::take_smallest(Order order, MigrateType type) {
  for (Order found = order; found <= kTopOrder; found = one_more(found)) {
    if (list(found, type).empty()) continue;
    const Pfn block = first_of(found, type);
    unlist(block, found);
    return {block, expand(block, order, found, type)};
  }
  return {std::nullopt};
}

std::optional<TakenBlock> Buddy::take_fallback(Order order, MigrateType wanted) {
  for (int found = kTopOrder.value; found >= order.value; --found) {  // the largest block first
    const Order found_order{static_cast<std::uint8_t>(found)};
    for (const MigrateType from : kFallbacks[index(wanted)]) {
      if (list(found_order, from).empty()) continue;
      return steal(first_of(found_order, from), found_order, order, from, wanted);
    }
  }
  return std::nullopt;
}

TakenBlock Buddy::steal(Pfn block, Order found, Order order, MigrateType from,
                        MigrateType wanted) {
  MigrateType remainder = from;
  const bool large = found.value >= pageblocks_.order().value / 2;
  if (large || wanted == MigrateType::reclaimable) {
    const PageCount moved = move_pageblock(block, wanted);
    if (moved.value >= pageblocks_.pages().value / 2) pageblocks_.set_type(block, wanted);
    remainder = wanted;
  }
  unlist(block, found);
  if (found == pageblocks_.order()) pageblocks_.set_type(block, wanted);
  const unsigned splits = expand(block, order, found, remainder);
  return {block, splits, FallbackTaken{block, found, from}};
}

inline unsigned Buddy::expand(Pfn block, Order low, Order high, MigrateType type) {
  const unsigned splits = high.value - low.value;
  while (low < high) {
    high = one_less(high);
    file_small_first(block + high.pages(), high, type);
  }
  return splits;
}

unsigned Buddy::give(Pfn pfn, Order order) {
  const MigrateType type = pageblocks_.type(pfn);  // once, before any merge
  Frame& freed = frames_[pfn];
  if (freed.state() != FrameState::tail) freed.become_tail();
  unsigned merges = 0;
  while (order < kTopOrder) {
    const Pfn buddy = buddy_of(pfn, order);
    if (!span_.contains(buddy) || !frames_.is_free_block(buddy, order)) break;
    unlist_small(buddy, order);
    pfn = merged_start(pfn, order);
    order = one_more(order);
    ++merges;
  }
  file_first(pfn, order, type);
  return merges;
}

PageCount Buddy::move_pageblock(Pfn pfn, MigrateType type) {
  Pfn at = pageblocks_.start_of(pfn);
  const Pfn end = at + pageblocks_.pages();
  if (at < span_.begin) at = pfn;
  if (end > span_.end) return {0};

  PageCount moved{0};
  while (at < end) {
    const std::optional<Order> order = frames_.free_block_at(at);
    if (!order) {
      at = at + PageCount{1};
      continue;
    }
    unlist(at, *order);
    file_first(at, *order, type);
    moved += order->pages();
    at = at + order->pages();
  }
  return moved;
}

PageCount Buddy::free_pages() const {
  PageCount sum{0};
  for (unsigned order = 0; order < kMaxOrder; ++order) sum.value += nr_free_[order] << order;
  return sum;
}

void Buddy::check() const {
  for (std::uint8_t k = 0; k < kMaxOrder; ++k) {
    const Order order{k};
    std::int64_t counted = 0;
    for (unsigned t = 0; t < kMigrateTypes; ++t) {
      const auto type = static_cast<MigrateType>(t);
      FrameIndex before = kNoFrame;
      for_each(order, type, [&](Pfn pfn) {
        const bool top = order == kTopOrder;
        const FrameIndex prev = top ? frames_.top(pfn).prev : frames_[pfn].prev;
        MM_CHECK(prev == before && ++counted <= span_.pages().value, "pfn", pfn.value, "order",
                 int{k});
        before = top ? FrameTable::top_index(pfn) : to_index(pfn);
        MM_CHECK(frames_.is_free_block(pfn, order), "pfn", pfn.value, "order", int{k});
        MM_CHECK(listed_type(pfn, order) == type, "pfn", pfn.value, "type", t);
        MM_CHECK(pfn.value % (std::uint64_t{1} << k) == 0, "pfn", pfn.value, "order", int{k});
        MM_CHECK(span_.begin <= pfn && pfn + order.pages() <= span_.end, "pfn", pfn.value);
        const Pfn buddy = buddy_of(pfn, order);
        const bool mergeable =
            order < kTopOrder && span_.contains(buddy) && frames_.is_free_block(buddy, order);
        MM_CHECK(!mergeable, "pfn", pfn.value, "order", int{k});
      });
    }
    MM_CHECK(counted == nr_free_[k], "counted", counted, "nr_free", nr_free_[k]);
  }
}

}  // namespace numasim
