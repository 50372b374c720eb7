#pragma once
// The units of the model and the little algebra that makes sense between them.

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

namespace numasim {

inline constexpr unsigned kPageShift = 12;
inline constexpr std::uint64_t kPageBytes = std::uint64_t{1} << kPageShift;

/// Number of buddy orders, 0..10 (MAX_ORDER of x86-64 in 2.6.24).
inline constexpr unsigned kMaxOrder = 11;

/// Largest order for which an allocation is retried for ever (PAGE_ALLOC_COSTLY_ORDER).
inline constexpr unsigned kCostlyOrder = 3;

/// A number of page frames. Signed, as the kernel's watermark arithmetic is.
struct PageCount {
  std::int64_t value = 0;
  constexpr auto operator<=>(const PageCount&) const = default;
  constexpr PageCount& operator+=(PageCount n) { value += n.value; return *this; }
  constexpr PageCount& operator-=(PageCount n) { value -= n.value; return *this; }
};
constexpr PageCount operator+(PageCount a, PageCount b) { return {a.value + b.value}; }
constexpr PageCount operator-(PageCount a, PageCount b) { return {a.value - b.value}; }

struct Bytes {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Bytes&) const = default;
};
constexpr Bytes to_bytes(PageCount n) { return {static_cast<std::uint64_t>(n.value) * kPageBytes}; }

/// log2 of a block's length in frames.
struct Order {
  std::uint8_t value = 0;
  constexpr PageCount pages() const { return {std::int64_t{1} << value}; }
  constexpr auto operator<=>(const Order&) const = default;
};

/// Page frame number: physical address / 4096, global over all nodes.
struct Pfn {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Pfn&) const = default;
};
constexpr Pfn operator+(Pfn first, PageCount n) {
  return {first.value + static_cast<std::uint64_t>(n.value)};
}
constexpr Pfn operator-(Pfn end, PageCount n) {
  return {end.value - static_cast<std::uint64_t>(n.value)};
}
constexpr PageCount operator-(Pfn end, Pfn first) {
  return {static_cast<std::int64_t>(end.value - first.value)};
}

struct NodeId {
  std::uint16_t value = 0;
  constexpr auto operator<=>(const NodeId&) const = default;
};

struct CpuId {
  std::uint16_t value = 0;
  constexpr auto operator<=>(const CpuId&) const = default;
};

struct TaskId {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const TaskId&) const = default;
};

struct DeviceId {
  std::uint16_t value = 0;
  constexpr auto operator<=>(const DeviceId&) const = default;
};

/// Processor work; the machine turns it into time with the speed of the CPU that does it.
struct Cycles {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Cycles&) const = default;
};

/// Zone types of x86-64 in index order (enum zone_type).
enum class ZoneType : std::uint8_t { dma = 0, dma32 = 1, normal = 2, movable = 3 };
inline constexpr unsigned kZoneTypes = 4;
constexpr unsigned index(ZoneType zone) { return static_cast<unsigned>(zone); }
constexpr std::string_view to_string(ZoneType zone) {
  constexpr std::string_view names[] = {"DMA", "DMA32", "Normal", "Movable"};
  return names[index(zone)];
}

/// Simulated time: integer nanoseconds since the start of the run.
struct SimClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SimClock>;
};
using SimDuration = SimClock::duration;
using SimTime = SimClock::time_point;
constexpr std::int64_t to_ns(SimTime t) { return t.time_since_epoch().count(); }
constexpr std::int64_t to_ns(SimDuration d) { return d.count(); }

/// Kernel ticks: HZ per second.
struct Jiffies {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Jiffies&) const = default;
};
constexpr Jiffies operator+(Jiffies a, Jiffies b) { return {a.value + b.value}; }
constexpr Jiffies operator-(Jiffies a, Jiffies b) { return {a.value - b.value}; }

enum class IoDirection : std::uint8_t { read = 0, write = 1 };
constexpr unsigned index(IoDirection direction) { return static_cast<unsigned>(direction); }
constexpr std::string_view to_string(IoDirection direction) {
  return direction == IoDirection::read ? "read" : "write";
}

}  // namespace numasim
