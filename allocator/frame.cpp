#include "allocator/frame.hpp"

namespace numasim {

std::optional<Order> FrameTable::free_block_at(Pfn pfn) const {
  const bool aligned = pfn.value % static_cast<std::uint64_t>(kTopOrder.pages().value) == 0;
  if (aligned && top(pfn).free) return kTopOrder;
  const Frame& frame = (*this)[pfn];
  if (frame.state() != FrameState::free_block) return std::nullopt;
  return frame.order();
}

}  // namespace numasim
