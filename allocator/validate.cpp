// The recount: every list, counter and map against what the page frames themselves say.

#include <algorithm>

#include "allocator/check.hpp"
#include "allocator/kernel.hpp"

namespace numasim {
namespace {

/// What the frames of one zone add up to.
struct FrameTally {
  std::array<std::array<std::int64_t, kMigrateTypes>, kMaxOrder> free_blocks{};
  PageCount free{0}, on_pagesets{0}, in_use{0};
  std::int64_t active = 0, inactive = 0;  // pages that say they are on an LRU list

  PageCount claimed() const { return free + on_pagesets + in_use; }
};

/// Goes over the frames of a zone, block by block.
class FrameWalk {
 public:
  FrameWalk(const FrameTable& frames, const Zone& zone) : frames_(frames), zone_(zone) {}

  FrameTally tally() {
    for (Pfn at = zone_.start(); at < zone_.end();) at = at + count_block(at);
    return tally_;
  }

 private:
  /// Counts the block that begins at `pfn`; a frame in no block is one of its own. Its length.
  PageCount count_block(Pfn pfn) {
    if (const std::optional<Order> order = frames_.free_block_at(pfn)) {
      const auto type =
          index(*order == kTopOrder ? MigrateType{frames_.top(pfn).type} : frames_[pfn].type());
      MM_CHECK(type < kMigrateTypes, "pfn", pfn.value, "type", type);
      ++tally_.free_blocks[order->value][type];
      tally_.free += order->pages();
      const bool has_head = *order != kTopOrder;
      check_inside(pfn, *order, pfn + PageCount{has_head ? 1 : 0});
      return order->pages();
    }
    const Frame& head = frames_[pfn];
    if (head.state() == FrameState::tail) return {1};
    if (head.state() == FrameState::on_pageset) {
      MM_CHECK(head.order().value == 0, "pfn", pfn.value, "order", int{head.order().value});
      tally_.on_pagesets += {1};
      return {1};
    }
    count_in_use(head);
    check_inside(pfn, head.order(), pfn + PageCount{1});
    return head.order().pages();
  }

  void count_in_use(const Frame& head) {
    tally_.in_use += head.order().pages();
    if (!head.has(PageFlag::lru)) return;
    ++(head.has(PageFlag::active) ? tally_.active : tally_.inactive);
  }

  /// A block is aligned, ends inside the zone, and no other begins inside it.
  void check_inside(Pfn block, Order order, Pfn first) const {
    const Pfn end = block + order.pages();
    MM_CHECK(order <= kTopOrder && block.value % (std::uint64_t{1} << order.value) == 0, "block",
             block.value, "order", int{order.value});
    MM_CHECK(end <= zone_.end(), "block", block.value, "crosses zone end", zone_.end().value);
    static_assert(FrameState{} == FrameState::tail);  // so frames never touched are right
    const bool is_large = order == kTopOrder;
    for (Pfn inside = is_large ? frames_.next_touched(first, end) : first; inside < end;
         inside = inside + PageCount{1})
      MM_CHECK(frames_[inside].state() == FrameState::tail, "inside block", block.value, "frame",
               inside.value, "state", static_cast<int>(frames_[inside].state()));
  }

  const FrameTable& frames_;
  const Zone& zone_;
  FrameTally tally_;
};

/// Calls visit(pfn, frame) for the head of each block in use.
template <class Visit>
void for_each_in_use(const FrameTable& frames, const Zone& zone, Visit visit) {
  for (Pfn at = zone.start(); at < zone.end();) {
    PageCount length{1};
    if (const std::optional<Order> free = frames.free_block_at(at)) {
      length = free->pages();
    } else if (const Frame& frame = frames[at]; frame.state() == FrameState::in_use) {
      visit(at, frame);
      length = frame.order().pages();
    }
    at = at + length;
  }
}

void check_free_lists(const Zone& zone, const FrameTally& tally, bool grouping) {
  for (std::uint8_t order = 0; order < kMaxOrder; ++order) {
    for (unsigned t = 0; t < kMigrateTypes; ++t) {
      const auto type = static_cast<MigrateType>(t);
      const std::int64_t listed = zone.buddy.blocks(Order{order}, type);
      MM_CHECK(tally.free_blocks[order][t] == listed, "free blocks of order", int{order}, "type", t,
               "frames", tally.free_blocks[order][t], "list", listed);
      MM_CHECK(grouping || type == MigrateType::unmovable || listed == 0, "order", int{order},
               "type", t, "is used without grouping");
    }
  }
}

/// Frees keep a list below high. With grouping a request of each type may refill a list that holds
/// none of that type, whatever its length.
std::int64_t longest(const PagesetSize& size, bool grouping) {
  if (grouping) return size.high + 3 * size.batch;
  return std::max(size.high, size.batch);
}

void check_pagesets(const Zone& zone, const FrameTally& tally, bool grouping) {
  PageCount listed{0};
  for (const Pageset& pageset : zone.pagesets) {
    MM_CHECK(pageset.expire <= 3, "expire", int{pageset.expire});
    for (const PerCpuList* list : {&pageset.hot, &pageset.cold}) {
      const std::int64_t size = list->pages.size();
      listed += {size};
      MM_CHECK(size <= longest(list->size, grouping), "pageset of", size, "pages, high",
               list->size.high, "batch", list->size.batch);
    }
    if (zone.buddy.restored()) continue;  // with deltas of a kernel that may have counted otherwise
    for (const std::int8_t pending : pageset.deltas.values)
      MM_CHECK(std::abs(int{pending}) <= zone.counters.threshold(), "pending", int{pending},
               "threshold", zone.counters.threshold());
  }
  MM_CHECK(tally.on_pagesets == listed, "pages on pagesets: frames", tally.on_pagesets.value,
           "lists", listed.value);
}

void check_lru_lists(const Zone& zone, const FrameTable& frames, const FrameTally& tally) {
  for (const bool active : {false, true}) {
    const LinkedList& list = active ? zone.lru.active : zone.lru.inactive;
    std::int64_t counted = 0;
    FrameIndex before = kNoFrame;
    for (FrameIndex at = list.first(); at != kNoFrame; at = frames.at(at).next) {
      const Frame& page = frames.at(at);
      MM_CHECK(zone.contains(to_pfn(at)) && page.prev == before, "LRU page", at);
      MM_CHECK(page.state() == FrameState::in_use && page.order().value == 0 &&
                   page.has(PageFlag::lru) && page.has(PageFlag::active) == active,
               "LRU page", at);
      before = at;
      ++counted;
    }
    const std::int64_t flagged = active ? tally.active : tally.inactive;
    MM_CHECK(counted == list.size() && flagged == counted, "LRU list of", list.size(), "linked",
             counted, "flagged", flagged);
  }
}

void check_marks(const Zone& zone) {
  const Watermarks& marks = zone.marks;
  MM_CHECK(marks.min <= marks.low && marks.low <= marks.high, "min", marks.min.value, "low",
           marks.low.value, "high", marks.high.value);
  for (unsigned klass = 0; klass <= index(zone.id().type); ++klass)
    MM_CHECK(zone.lowmem_reserve[klass].value == 0, "lowmem_reserve of class", klass);
  MM_CHECK(zone.present() <= zone.spanned(), "present", zone.present().value, "spanned",
           zone.spanned().value);
}

void check_zonelist(const Zonelist& list) {
  for (std::size_t i = 0; i < list.zones.size(); ++i) {
    MM_CHECK(list.zones[i]->populated(), "zonelist position", i);
    for (std::size_t j = 0; j < i; ++j)
      MM_CHECK(list.zones[i] != list.zones[j], "zone twice in a zonelist, at", j, "and", i);
  }
  if (!list.cache) return;
  for (std::size_t i = list.zones.size(); i < list.cache->full.size(); ++i)
    MM_CHECK(!list.cache->full.test(i), "zonelist cache, bit", i, "of", list.zones.size());
}

}  // namespace

void Memory::validate() const {
  StatValues sums{};
  for (const Zone* zone : populated_) {
    zone->check();
    validate_frames(*zone);
    for (unsigned item = 0; item < kZoneStats; ++item)
      sums[item] += zone->counters.folded(static_cast<ZoneStat>(item));
  }
  for (unsigned item = 0; item < kZoneStats; ++item)
    MM_CHECK(sums[item] == commons_.stats[item], "item", item, "zones", sums[item], "global",
             commons_.stats[item]);
  validate_maps();
}

void Memory::validate_frames(const Zone& zone) const {
  const bool grouping = commons_.pageblocks.grouping();
  const FrameTally tally = FrameWalk{commons_.frames, zone}.tally();
  check_free_lists(zone, tally, grouping);
  check_pagesets(zone, tally, grouping);
  check_lru_lists(zone, commons_.frames, tally);
  check_marks(zone);
  const PageCount given = freed_at_boot_in(zone);
  const bool by_boot = given.value > 0 && !zone.buddy.restored();
  MM_CHECK(!by_boot || tally.claimed() == given, "pages free", tally.free.value, "on pagesets",
           tally.on_pagesets.value, "in use", tally.in_use.value, "of", given.value);
  if (by_boot) validate_reserve_blocks(zone);
}

/// Pageblocks have a type that can be; of the reserved ones there are at most what pages_min asks
/// for. A pageblock that two zones share belongs to neither.
void Memory::validate_reserve_blocks(const Zone& zone) const {
  const Pageblocks& blocks = commons_.pageblocks;
  const std::int64_t length = blocks.pages().value;
  const std::int64_t wanted = (zone.marks.min.value + length - 1) / length;
  std::int64_t reserved = 0;
  for (Pfn at = blocks.start_of(zone.start()); at < zone.end(); at = at + blocks.pages()) {
    const MigrateType type = blocks.stored_type(at);
    MM_CHECK(type < MigrateType::isolate, "pageblock", at.value, "type", index(type));
    const bool whole = at >= zone.start() && at + blocks.pages() <= zone.end();
    if (whole && type == MigrateType::reserve) ++reserved;
  }
  MM_CHECK(reserved <= wanted, "reserved pageblocks", reserved, "wanted", wanted);
}

PageCount Memory::freed_at_boot_in(const Zone& zone) const {
  PageCount sum{0};
  for (const PfnRange& run : boot_free_) {
    const Pfn begin = std::max(run.begin, zone.start());
    const Pfn end = std::min(run.end, zone.end());
    if (begin < end) sum += end - begin;
  }
  return sum;
}

/// The zones do not overlap, the map from pfns to zones agrees with them, and every zonelist holds
/// populated zones, each once.
void Memory::validate_maps() const {
  for (std::size_t z = 0; z < populated_.size(); ++z) {
    const Zone& zone = *populated_[z];
    MM_CHECK(zone.populated(), "zone", z);
    for (std::size_t other = 0; other < z; ++other)
      MM_CHECK(zone.end() <= populated_[other]->start() || populated_[other]->end() <= zone.start(),
               "zones overlap", other, z);
  }
  for (std::uint64_t block = 0; block < zone_of_block_.size(); ++block) {
    const std::uint16_t mapped = zone_of_block_[block];
    if (mapped == kUnmapped) continue;
    const Pfn first{block << kZoneMapShift};
    const Pfn last = first + PageCount{(std::int64_t{1} << kZoneMapShift) - 1};
    MM_CHECK(mapped < populated_.size() && populated_[mapped]->contains(first) &&
                 populated_[mapped]->contains(last),
             "zone map of pfn", first.value, "says", mapped);
  }
  for (const auto& node : nodes_)
    for (unsigned type = 0; type < kZoneTypes; ++type) {
      check_zonelist(node->zonelists.fallback[type]);
      check_zonelist(node->zonelists.thisnode[type]);
    }
}

void Kernel::validate() const {
  memory_.validate();
  lru_.check();
  for (const Zone* zone : memory_.zones()) validate_uses(*zone);
  validate_address_spaces();
  validate_owners();
  validate_swap();
  page_cache_.check();
}

/// The counters of what pages are used for, against the flags of the frames.
void Kernel::validate_uses(const Zone& zone) const {
  constexpr std::array kItems{ZoneStat::anon_pages, ZoneStat::file_mapped, ZoneStat::file_pages,
                              ZoneStat::file_dirty, ZoneStat::writeback};
  std::array<std::int64_t, kItems.size()> counted{};
  for_each_in_use(memory_.commons().frames, zone, [&](Pfn, const Frame& page) {
    const bool anon = page.has(PageFlag::anon), mapped = page.has(PageFlag::mapped);
    const Mapping* owner = anon ? nullptr : mappings_.owner_of(page);
    const bool of_memory = owner && owner->in_memory;
    const bool cached = anon ? page.has(PageFlag::swap_cache) : page.owner != 0;
    const std::array<bool, kItems.size()> is{anon && mapped, !anon && mapped, cached,
                                             !anon && page.has(PageFlag::dirty) && !of_memory,
                                             page.has(PageFlag::writeback)};
    for (std::size_t i = 0; i < kItems.size(); ++i) counted[i] += is[i] ? 1 : 0;
  });
  for (std::size_t i = 0; i < kItems.size(); ++i) {
    std::int64_t count = zone.counters.folded(kItems[i]);
    for (const Pageset& pageset : zone.pagesets) count += pageset.deltas.values[index(kItems[i])];
    MM_CHECK(count == counted[i], "item", index(kItems[i]), "counter", count, "frames", counted[i]);
  }
}

/// Every page of a file or region is in use and names it; no other frame names one.
void Kernel::validate_owners() const {
  std::int64_t held = 0, owned = 0;
  mappings_.for_each_page([&](const Mapping& mapping, PageIndex page, Pfn pfn) {
    const Frame& frame = memory_.commons().frames[pfn];
    MM_CHECK(frame.state() == FrameState::in_use && frame.owner == mapping.id &&
                 mappings_.page_index(pfn) == page,
             "mapping", mapping.name, "page", page, "pfn", pfn.value);
    const bool dirty = frame.has(PageFlag::dirty), listed = mapping.dirty.contains(page);
    MM_CHECK(dirty == listed || (listed && frame.has(PageFlag::locked)), "mapping", mapping.name,
             "page", page);
    ++held;
  });
  for (const auto& [task, mm] : address_spaces_) held += mm->anon_rss.value;
  swap_cache_.for_each([&](SwapEntry, Pfn pfn) {
    if (!memory_.commons().frames[pfn].has(PageFlag::mapped)) ++held;
  });
  for (const Zone* zone : memory_.zones())
    for_each_in_use(memory_.commons().frames, *zone,
                    [&](Pfn, const Frame& frame) { owned += frame.owner != 0 ? 1 : 0; });
  MM_CHECK(held == owned, "pages of mappings", held, "frames with an owner", owned);
}

}  // namespace numasim
