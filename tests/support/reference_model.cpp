#include "tests/support/reference_model.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim::program {
namespace {

/// The mark a request may go down to at last, by its flags.
std::int64_t lowest_mark(const Request& request, std::int64_t min) {
  if (request.gfp.has(__GFP_HIGH)) min -= min / 2;
  const bool harder = (request.realtime && !request.interrupt) || !request.gfp.has(__GFP_WAIT);
  return harder ? min - min / 4 : min;
}

}  // namespace

ReferenceModel::ReferenceModel(const MachineLayout& layout, Memory& memory)
    : memory_(memory), base_(layout.nodes.front().ranges.front().begin.value) {
  for (const NodeLayout& node : layout.nodes)
    for (const PfnRange& range : node.ranges) {
      ram_.resize(std::max(ram_.size(), place(range.end)), false);
      std::fill_n(ram_.begin() + static_cast<std::ptrdiff_t>(place(range.begin)),
                  range.pages().value, true);
    }
  for (const PfnRange& range : layout.reserved)
    for (Pfn pfn = range.begin; pfn < range.end && place(pfn) < ram_.size();
         pfn = pfn + PageCount{1})
      ram_[place(pfn)] = false;
  is_held_.resize(ram_.size(), false);
  ram_pages_ = std::ranges::count(ram_, true);
  at_boot_ = free_blocks();
}

void ReferenceModel::take(Pfn pfn, Order order) {
  MM_CHECK(pfn.value % (std::uint64_t{1} << order.value) == 0, "pfn", pfn.value, "order",
           int{order.value});
  const Zone& zone = memory_.zone_of(pfn);
  for (Pfn at = pfn; at < pfn + order.pages(); at = at + PageCount{1}) {
    MM_CHECK(at.value >= base_ && place(at) < ram_.size() && ram_[place(at)], "pfn", pfn.value,
             "order", int{order.value});
    MM_CHECK(!is_held_[place(at)], "handed out twice:", at.value);
    MM_CHECK(zone.contains(at), "pfn", at.value);
    is_held_[place(at)] = true;
  }
  held_.push_back({pfn, order});
  held_pages_ += order.pages().value;
}

std::optional<Held> ReferenceModel::give(std::size_t which) {
  if (held_.empty()) return std::nullopt;
  std::swap(held_[which % held_.size()], held_.back());
  const Held block = held_.back();
  held_.pop_back();
  held_pages_ -= block.order.pages().value;
  std::fill_n(is_held_.begin() + static_cast<std::ptrdiff_t>(place(block.pfn)),
              block.order.pages().value, false);
  return block;
}

void ReferenceModel::check_sum(std::int64_t held_by_kernel) const {
  std::int64_t free = 0, on_pagesets = 0;
  for (const Zone* zone : memory_.zones()) {
    free += zone->buddy.free_pages().value;
    for (const Pageset& pageset : zone->pagesets)
      on_pagesets += pageset.hot.pages.size() + pageset.cold.pages.size();
  }
  MM_CHECK(free + on_pagesets + held_pages_ + held_by_kernel == ram_pages_, "free", free,
           "on pagesets", on_pagesets, "held", held_pages_, "kernel", held_by_kernel, "of",
           ram_pages_);
}

ReferenceModel::Blocks ReferenceModel::free_blocks() const {
  Blocks blocks;
  for (const Zone* zone : memory_.zones())
    for (std::uint8_t order = 0; order < kMaxOrder; ++order)
      for (unsigned type = 0; type < kMigrateTypes; ++type)
        zone->buddy.for_each(Order{order}, static_cast<MigrateType>(type), [&](Pfn pfn) {
          blocks.push_back({pfn, order});
        });
  std::ranges::sort(blocks);
  return blocks;
}

void ReferenceModel::check_boot_state() const {
  const Blocks blocks = free_blocks();
  MM_CHECK(blocks == at_boot_, "free blocks", blocks.size(), "at boot", at_boot_.size());
}

void ReferenceModel::check_marks() const {
  std::int64_t all = 0;
  for (const Zone* zone : memory_.zones()) all += zone->present().value;
  for (const Zone* zone : memory_.zones()) {
    const std::int64_t share = memory_.min_free_kbytes() / 4 * zone->present().value / all;
    MM_CHECK(zone->marks.min.value == share && zone->marks.low.value == share + share / 4 &&
                 zone->marks.high.value == share + share / 2,
             "share", share, "min", zone->marks.min.value, "low", zone->marks.low.value);
  }
}

namespace {

/// Whether `first` may stand before `second` in a list of node `own`.
bool in_order(const MachineLayout& layout, NodeId own, ZonelistOrder order, ZoneId first,
              ZoneId second) {
  if (first.node == second.node) return first.type > second.type;
  if (order == ZonelistOrder::zone && first.type != second.type) return first.type > second.type;
  if (first.node == own || second.node == own) return first.node == own;
  constexpr int kMostPenalty = 2;  // for a lower id, and for having CPUs
  const auto& distance = layout.distance[own.value];
  return distance[first.node.value] <= distance[second.node.value] + kMostPenalty;
}

}  // namespace

void ReferenceModel::check_zonelists(const MachineLayout& layout) const {
  for (const auto& node : memory_.nodes()) {
    for (unsigned type = 0; type < kZoneTypes; ++type) {
      const auto& list = node->zonelists.fallback[type].zones;
      const auto fits = [type](const Zone* z) { return index(z->id().type) <= type; };
      MM_CHECK(std::ranges::all_of(list, fits) &&
                   std::ranges::count_if(memory_.zones(), fits) == std::ssize(list),
               "node", node->id.value, "list", type, "of", list.size());
      for (std::size_t j = 1; j < list.size(); ++j)
        for (std::size_t i = 0; i < j; ++i)
          MM_CHECK(
              in_order(layout, node->id, memory_.zonelist_order(), list[i]->id(), list[j]->id()),
              "node", node->id.value, "list", type, "positions", i, j);
      for (const Zone* zone : node->zonelists.thisnode[type].zones)
        MM_CHECK(zone->id().node == node->id && fits(zone), "node", node->id.value);
    }
  }
}

ReferenceModel::Before ReferenceModel::look(const Request& request) {
  return Before{request, memory_};
}

bool ReferenceModel::Before::above(const Zone& zone, const Request& request, std::int64_t mark,
                                   std::int64_t reserve) {
  std::int64_t left = zone.free_pages().value - request.order.pages().value + 1;
  if (left <= mark + reserve) return false;
  for (std::uint8_t order = 0; order < request.order.value; ++order) {
    left -= zone.buddy.blocks(Order{order}) * Order{order}.pages().value;
    mark /= 2;
    if (left <= mark) return false;
  }
  return true;
}

bool ReferenceModel::Before::allowed(const Zone& zone, bool hardwall) const {
  if (request_.in_root || request_.interrupt || request_.may_die) return true;
  if (request_.gfp.has(__GFP_THISNODE) || request_.mems.test(zone.id().node.value)) return true;
  return !hardwall && !request_.exclusive;  // the root is the nearest exclusive ancestor
}

ReferenceModel::Before::Before(const Request& request, const Memory& memory)
    : request_(request),
      zone_reclaim_(memory.zone_reclaim_mode() != 0),
      by_scan_(!memory.commons().switches.thisnode_lists && request.gfp.has(__GFP_THISNODE)) {
  const Zonelist& list = request.zonelist;
  if (list.empty()) return;
  first_node_ = list.first().id().node;
  for (std::size_t i = 0; i < list.zones.size(); ++i) {
    const Zone& zone = *list.zones[i];
    if (by_scan_ && zone.id().node != first_node_) break;
    if (!list.cache && zone.id().type > gfp_zone(request.gfp)) continue;
    const std::int64_t reserve = zone.lowmem_reserve[list.classzone()].value;
    zones_.push_back(
        {&zone, above(zone, request, zone.marks.low.value, reserve),
         above(zone, request, lowest_mark(request, zone.marks.min.value), reserve),
         !request.gfp.has(__GFP_WAIT) || allowed(zone, request.gfp.has(__GFP_HARDWALL)),
         allowed(zone, true), list.cache && list.cache->full.test(i)});
  }
}

void ReferenceModel::Before::check(std::optional<Pfn> page) const {
  const auto take_low = [](const ZoneThen& z) { return z.above_low && z.allowed_hard; };
  const auto take_min = [](const ZoneThen& z) { return z.above_min && z.allowed; };
  const bool some_low = std::ranges::any_of(zones_, take_low);
  const bool some_min = std::ranges::any_of(zones_, take_min);
  const bool only_low = request_.gfp.has(GFP_THISNODE);
  if (!page) {
    MM_CHECK(!some_low, "refused with a zone above its low mark, gfp", request_.gfp.value, "order",
             int{request_.order.value});
    MM_CHECK(only_low || !some_min, "refused with a zone above its mark, gfp", request_.gfp.value,
             "order", int{request_.order.value});
    return;
  }
  const auto found =
      std::ranges::find_if(zones_, [&](const ZoneThen& z) { return z.zone->contains(*page); });
  MM_CHECK(found != zones_.end(), "served from outside its zonelist: pfn", page->value, "gfp",
           request_.gfp.value);
  if (zone_reclaim_) return;  // a zone may have been reclaimed from on the way
  const bool by_low = take_low(*found);
  const bool by_min = !only_low && !some_low && take_min(*found);
  const bool by_reserves =
      !some_low && !some_min && request_.reserves && !request_.gfp.has(__GFP_NOMEMALLOC);
  MM_CHECK(by_low || by_min || by_reserves, "served below its mark: pfn", page->value, "gfp",
           request_.gfp.value, "order", int{request_.order.value});
  for (auto zone = zones_.begin(); zone != found; ++zone) {
    const bool fit = by_low ? take_low(*zone) : by_min ? take_min(*zone) : false;
    // The zonelist cache hides zones in the first scan of a pass: those found full before or by the
    // first pass, which never looked at a zone outside the cpuset.
    const bool found_full_now = by_min && zone != zones_.begin() && !found->allowed_hard;
    const bool hidden =
        zone->known_full || found_full_now || !request_.mems.test(zone->zone->id().node.value);
    MM_CHECK(!fit || hidden, "passed over zone", int{zone->zone->id().node.value},
             to_string(zone->zone->id().type), "gfp", request_.gfp.value);
  }
}

}  // namespace numasim::program
