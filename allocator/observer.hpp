#pragma once
// The port for observation: one event for each step the core takes. Observers look on and never
// steer. With no observer a step costs one predicted branch (see tests/bench).

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "allocator/gfp.hpp"
#include "allocator/task.hpp"
#include "allocator/units.hpp"

namespace numasim {

/// A zone by name: node and zone type.
struct ZoneId {
  NodeId node;
  ZoneType type = ZoneType::dma;
  constexpr auto operator<=>(const ZoneId&) const = default;
};

/// What keeps a request that found no memory from that of other nodes.
enum class OomConstraint : std::uint8_t { none, cpuset, memory_policy };

namespace event {

// __alloc_pages and what it does, in the order it does it.

/// A pass over the zonelist begins (get_page_from_freelist).
struct PassBegin { Gfp gfp; Order order; std::uint32_t alloc_flags; };
/// One watermark test inside a pass.
struct WatermarkTest { ZoneId zone; PageCount mark; PageCount free; bool ok; };
/// The pass ends; `found` says whether `pfn` means anything.
struct PassEnd { bool found; Pfn pfn; ZoneId zone; };
/// zone_reclaim was tried for a zone below its mark.
struct ZoneReclaim { ZoneId zone; bool reclaimed; };
/// kswapd of the zone's node gets work; `was_asleep` when this wakes it.
struct KswapdWake { ZoneId zone; Order order; bool was_asleep; };
struct DirectReclaimBegin { Gfp gfp; Order order; };
struct DirectReclaimEnd { Gfp gfp; Order order; bool progress; PageCount reclaimed; };
/// All CPUs' pagesets were emptied after direct reclaim for an order above 0.
struct DrainAll {};
struct CongestionWaitBegin { IoDirection direction; Jiffies timeout; };
struct CongestionWaitEnd { IoDirection direction; bool timed_out; };
struct OomLockLost {};
/// The OOM killer is called; `first_zone` is the one the request would have liked.
struct OutOfMemory { Gfp gfp; Order order; OomConstraint constraint; ZoneId first_zone; };
/// `victim` is to die: the task `chosen` for its points, or a child of it.
struct OomKill { TaskId victim; std::uint64_t points; TaskId chosen{}; };
/// The machine stops for good.
struct Panic { std::string_view why; };
/// The task sleeps some ticks (after losing the OOM lock, or after a kill).
struct SleepTicks { Jiffies ticks; };
/// The request failed; `warned` when the kernel would have printed its message.
struct AllocFailed { Gfp gfp; Order order; bool warned; };
/// The request failed before anything was tried, because fault injection said so.
struct FaultInjected { Gfp gfp; Order order; std::optional<ZoneId> preferred; };
/// The request was served (also from __alloc_pages' first pass).
struct Allocated { Gfp gfp; Order order; Pfn pfn; ZoneId zone; ZoneId preferred; };
struct Freed { Order order; Pfn pfn; ZoneId zone; bool cold; };

// Below: pagesets and buddy.

struct Refill { ZoneId zone; bool cold; PageCount asked; PageCount got; MigrateType type; };
/// `cpu` is the one whose list is flushed.
struct BulkFree { ZoneId zone; bool cold; PageCount count; CpuId cpu; };
struct Fallback {
  ZoneId zone; Order order; MigrateType wanted; Pfn block; Order found; MigrateType from;
};

// Reclaim.

struct KswapdBegin { NodeId node; Order order; };
struct KswapdEnd { NodeId node; Order order; PageCount reclaimed; };
/// One shrink_zone call.
struct ZoneShrunk {
  ZoneId zone; int priority; PageCount active_asked; PageCount inactive_asked;
  PageCount scanned; PageCount reclaimed;
};
/// shrink_zone naps at its end because the request may not write (the 2.6.22 era).
struct WriteoutThrottle {};
struct SlabShrunk { PageCount scanned; PageCount lru_pages; };
struct PdflushWake { PageCount pages; };
struct BalanceAgain { NodeId node; };
struct WritepageStart { Pfn pfn; DeviceId device; };

// The block device.

/// A request ended with an error: what its pages held is lost.
struct WriteFailed { DeviceId device; PageCount pages; };
struct CongestionSet { DeviceId device; IoDirection direction; };
struct CongestionCleared { DeviceId device; IoDirection direction; };

}  // namespace event

using Event = std::variant<
    event::PassBegin, event::WatermarkTest, event::PassEnd, event::ZoneReclaim, event::KswapdWake,
    event::DirectReclaimBegin, event::DirectReclaimEnd, event::DrainAll, event::CongestionWaitBegin,
    event::CongestionWaitEnd, event::OomLockLost, event::OutOfMemory, event::OomKill, event::Panic,
    event::SleepTicks, event::AllocFailed, event::FaultInjected, event::Allocated, event::Freed,
    event::Refill, event::BulkFree, event::Fallback, event::KswapdBegin, event::KswapdEnd,
    event::ZoneShrunk, event::WriteoutThrottle, event::SlabShrunk, event::PdflushWake,
    event::BalanceAgain, event::WritepageStart, event::CongestionSet, event::CongestionCleared,
    event::WriteFailed>;

/// Hears each step, with the task that takes it. Must not change anything it sees.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(const Task& by, const Event& event) = 0;
};

/// Holds the one observer of a memory, or none.
class Steps {
 public:
  void listen(Observer* observer) { observer_ = observer; }
  bool heard() const { return observer_ != nullptr; }
  template <class Happening>
  void tell(const Task& by, const Happening& happening) const {
    if (observer_) [[unlikely]] report(by, happening);
  }

 private:
  template <class Happening>
  [[gnu::cold, gnu::noinline]] void report(const Task& by, Happening happening) const {
    observer_->on(by, Event{happening});
  }

  Observer* observer_ = nullptr;
};

}  // namespace numasim
