#include "allocator/swap.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {
namespace {

constexpr std::uint32_t kCluster = 256;  // SWAPFILE_CLUSTER
constexpr std::size_t kMostAreas = 32;   // MAX_SWAPFILES

}  // namespace

void SwapSpace::swapon(const SwapAreaLayout& layout) {
  MM_CHECK(layout.size.value >= 2, "swap area of pages", layout.size.value);
  MM_CHECK(areas_.size() < kMostAreas, "swap areas", areas_.size());
  Area area;
  area.layout = layout;
  area.priority = layout.priority ? *layout.priority : --least_priority_;
  area.uses.resize(static_cast<std::size_t>(layout.size.value), 0);
  area.highest = area.slots();
  total_ += {area.slots()};
  free_ += {area.slots()};
  const auto place = std::ranges::find_if(
      order_, [&](std::size_t other) { return areas_[other].priority < area.priority; });
  const auto inserted = static_cast<std::size_t>(place - order_.begin());
  order_.insert(place, areas_.size());
  areas_.push_back(std::move(area));
  if (inserted == 0) turn_ = 0;
  else if (inserted <= turn_) ++turn_;
}

/// The area after the one whose turn it was comes next, if it has the same priority; else the
/// search begins again with the highest.
std::optional<SwapEntry> SwapSpace::get_swap_page() {
  if (free_.value <= 0) return std::nullopt;
  std::size_t at = turn_;
  for (bool wrapped = false;;) {
    Area& area = areas_[order_[at]];
    std::size_t next = at + 1;
    const bool last = next >= order_.size();
    const bool others_are_lower = !last && area.priority != areas_[order_[next]].priority;
    const bool wraps = last || (!wrapped && others_are_lower);
    if (area.highest != 0) {
      turn_ = wraps ? 0 : next;
      const std::optional<std::uint32_t> offset = take_slot(area);
      MM_CHECK(offset.has_value(), "area", order_[at]);
      free_ -= {1};
      return SwapEntry::of(static_cast<unsigned>(order_[at]), *offset);
    }
    if (wraps) {
      if (wrapped) return std::nullopt;
      wrapped = true;
      next = 0;
    }
    at = next;
  }
}

/// scan_swap_map(): goes on in its cluster; a new one begins at the first run of 256 free slots,
/// or, where there is none, with the first free slot.
std::optional<std::uint32_t> SwapSpace::take_slot(Area& area) {
  std::uint32_t at = area.next;
  if (area.left_in_cluster == 0) {
    area.left_in_cluster = kCluster - 1;
    const bool worth_a_search = area.slots() - area.in_use >= kCluster;
    at = worth_a_search ? empty_cluster(area).value_or(area.lowest) : area.lowest;
  } else {
    --area.left_in_cluster;
  }
  if (at > area.highest) at = area.lowest;
  while (at <= area.highest && area.uses[at] != 0) ++at;
  if (at > area.highest) {
    at = area.lowest;
    while (at <= area.highest && area.uses[at] != 0) ++at;
  }
  if (at > area.highest) return std::nullopt;

  area.uses[at] = 1;
  if (at == area.lowest) ++area.lowest;
  if (at == area.highest) --area.highest;
  if (++area.in_use == area.slots()) {
    area.lowest = area.slots() + 1;
    area.highest = 0;
  }
  area.next = at + 1;
  return at;
}

std::optional<std::uint32_t> SwapSpace::empty_cluster(const Area& area) {
  std::uint32_t run = 0;
  for (std::uint32_t at = area.lowest; at <= area.highest; ++at) {
    run = area.uses[at] == 0 ? run + 1 : 0;
    if (run == kCluster) return at - kCluster + 1;
  }
  return std::nullopt;
}

bool SwapSpace::duplicate(SwapEntry entry) {
  std::uint16_t& uses = areas_[entry.area()].uses[entry.offset()];
  if (uses == 0) return false;
  ++uses;
  return true;
}

int SwapSpace::free(SwapEntry entry) {
  Area& area = areas_[entry.area()];
  std::uint16_t& uses = area.uses[entry.offset()];
  MM_CHECK(uses > 0, "area", entry.area(), "slot", entry.offset());
  if (--uses > 0) return uses;
  area.lowest = std::min(area.lowest, entry.offset());
  area.highest = std::max(area.highest, entry.offset());
  --area.in_use;
  free_ += {1};
  // A better area has room again: the next slot comes from it.
  if (area.priority > areas_[order_[turn_]].priority) {
    const auto own = std::ranges::find(order_, std::size_t{entry.area()});
    turn_ = static_cast<std::size_t>(own - order_.begin());
  }
  return 0;
}

SwapSpace::Window SwapSpace::readahead_window(SwapEntry missed, int page_cluster) const {
  if (page_cluster == 0) return {missed, 0};
  const Area& area = area_of(missed);
  const std::uint32_t group = 1U << page_cluster;
  const std::uint32_t begin = missed.offset() / group * group;
  const std::uint32_t first = std::max(begin, 1U);  // slot 0 is the header
  std::uint32_t end = first;
  while (end < begin + group && end < area.uses.size() && area.uses[end] != 0) ++end;
  return {SwapEntry::of(missed.area(), first), end - first};
}

std::optional<SwapEntry> SwapSpace::entry_at(DeviceId device, std::uint64_t sector) const {
  for (unsigned a = 0; a < areas_.size(); ++a) {
    const SwapAreaLayout& layout = areas_[a].layout;
    if (layout.device != device || sector < layout.first_sector) continue;
    const std::uint64_t offset = (sector - layout.first_sector) / kSectorsPerPage;
    if (offset < areas_[a].uses.size())
      return SwapEntry::of(a, static_cast<std::uint32_t>(offset));
  }
  return std::nullopt;
}

void SwapSpace::check() const {
  PageCount free{0};
  for (const Area& area : areas_) {
    std::uint32_t in_use = 0;
    for (std::uint32_t at = 1; at < area.uses.size(); ++at) {
      if (area.uses[at] != 0) ++in_use;
      else MM_CHECK(area.lowest <= at && at <= area.highest, "free slot", at, "lowest", area.lowest,
                    "highest", area.highest);
    }
    MM_CHECK(in_use == area.in_use && area.uses[0] == 0, "slots in use", in_use, "counted",
             area.in_use);
    free += {area.slots() - in_use};
  }
  MM_CHECK(free == free_, "free slots", free.value, "counted", free_.value);
}

}  // namespace numasim
