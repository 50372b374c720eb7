#include "allocator/frame.hpp"

#include <sys/mman.h>

#include "allocator/check.hpp"

namespace numasim {
namespace {

template <class T>
std::size_t bytes_for(std::uint64_t count) {
  return static_cast<std::size_t>(count) * sizeof(T);
}

template <class T>
T* reserve_zeroed(std::uint64_t count) {
  void* memory = mmap(nullptr, bytes_for<T>(count), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  MM_CHECK(memory != MAP_FAILED, "bytes", bytes_for<T>(count));
  return static_cast<T*>(memory);
}

constexpr std::uint64_t top_blocks(Pfn end) { return (end.value >> kTopOrder.value) + 1; }

}  // namespace

FrameTable::FrameTable(Pfn end) : end_(end) {
  MM_CHECK(end.value > 0 && end.value < kNoFrame, "end", end.value);
  frames_ = reserve_zeroed<Frame>(end.value);
  tops_.blocks_ = reserve_zeroed<TopBlock>(top_blocks(end));
}

FrameTable::~FrameTable() {
  munmap(frames_, bytes_for<Frame>(end_.value));
  munmap(tops_.blocks_, bytes_for<TopBlock>(top_blocks(end_)));
}

std::optional<Order> FrameTable::free_block_at(Pfn pfn) const {
  const bool aligned = pfn.value % static_cast<std::uint64_t>(kTopOrder.pages().value) == 0;
  if (aligned && top(pfn).free) return kTopOrder;
  const Frame& frame = (*this)[pfn];
  if (frame.state() != FrameState::free_block) return std::nullopt;
  return frame.order();
}

}  // namespace numasim
