#include "sim/run/start_frames.hpp"

#include <string>
#include <utility>

namespace numasim {

StartFrames::StartFrames(const MachineState& state) {
  for (const ZoneState& zone : state.zones) {
    ZoneFrames frames{zone.start,
                      std::vector<bool>(static_cast<std::size_t>(zone.spanned.value), true)};
    const auto strike = [&](Pfn block, Order order) {
      for (PageCount i{0}; i < order.pages(); i += PageCount{1}) {
        frames.in_use[static_cast<std::size_t>((block + i - zone.start).value)] = false;
      }
    };
    for (const FreeListState& list : zone.free_lists) {
      for (const Pfn block : list.blocks) strike(block, list.order);
    }
    for (const PagesetState& pageset : zone.pagesets) {
      for (const ListedPage& page : pageset.hot.pages) strike(page.pfn, Order{0});
      for (const ListedPage& page : pageset.cold.pages) strike(page.pfn, Order{0});
    }
    zones_.push_back(std::move(frames));
  }
}

StartFrames::ZoneFrames* StartFrames::zone_of(Pfn first, PageCount length) {
  for (ZoneFrames& zone : zones_) {
    const Pfn end{zone.start.value + zone.in_use.size()};
    if (zone.start <= first && first + length <= end) return &zone;
  }
  return nullptr;
}

std::optional<Problem> StartFrames::take(const trace::Free& free) {
  const Pfn first = *free.pfn;
  if (free.order.value >= kMaxOrder || first.value % (std::uint64_t{1} << free.order.value) != 0) {
    return Problem{.pointer = "/order",
                   .expected = "an order that fits the block at this pfn",
                   .found = std::to_string(free.order.value)};
  }
  ZoneFrames* zone = zone_of(first, free.order.pages());
  for (PageCount i{0}; i < free.order.pages(); i += PageCount{1}) {
    const std::size_t at =
        zone == nullptr ? 0 : static_cast<std::size_t>((first + i - zone->start).value);
    if (zone != nullptr && zone->in_use[at]) {
      zone->in_use[at] = false;
      continue;
    }
    return Problem{.pointer = "/pfn",
                   .expected = "a block that the start state holds in use",
                   .found = std::to_string(first.value),
                   .hint = "blocks that the trace allocates are freed by their id"};
  }
  return std::nullopt;
}

}  // namespace numasim
