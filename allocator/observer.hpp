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

struct Zonelist;

/// What keeps a request that found no memory from that of other nodes.
enum class OomConstraint : std::uint8_t { none, cpuset, memory_policy };

namespace event {

// __alloc_pages and what it does, in the order it does it.

/// A pass over the zonelist begins (get_page_from_freelist). The list lives as long as the memory.
struct PassBegin {
  Gfp gfp; Order order; std::uint32_t alloc_flags; const Zonelist* zonelist = nullptr;
};
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
/// The request failed; `warned` when the kernel would have printed its message. `why` is a literal.
struct AllocFailed { Gfp gfp; Order order; bool warned; std::string_view why{}; };
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

// Swap and writeback.

/// A page is put to writing into its slot; WritepageStart follows.
struct SwapOut { Pfn pfn; };
/// A fault finds its page in swap alone, and reads it with its neighbours.
struct SwapInBegin {};
struct SwapInEnd {};
/// A page of a slot is put to reading.
struct SwapIn { Pfn pfn; };
/// balance_dirty_pages holds a writer back.
struct DirtyThrottleBegin { DeviceId device; };
struct DirtyThrottleEnd { DeviceId device; PageCount written; };
/// A pdflush thread gets work.
struct PdflushBegin { bool periodic; };
struct PdflushEnd { bool periodic; PageCount written; };
/// The first page of a file on this device goes to writing, and the last has been written.
struct WritebackBegin { DeviceId device; };
struct WritebackEnd { DeviceId device; };

// The block device.

/// A request ended with an error: what its pages held is lost.
struct WriteFailed { DeviceId device; PageCount pages; };
struct CongestionSet { DeviceId device; IoDirection direction; };
struct CongestionCleared { DeviceId device; IoDirection direction; };

// Details: told only to an observer that asked for them (Steps::Detail::all).

/// Why a pass did not look at the watermark of a zone of its list.
enum class SkipReason : std::uint8_t {
  above_request,      // higher than the request's class: a policy's list holds such zones
  cache_full,         // its bit in the zonelist cache is set
  cache_not_allowed,  // the zonelist cache: its node is none of the task's
  other_node,         // __GFP_THISNODE ends the pass here
  cpuset,             // cpuset_zone_allowed_softwall refuses its node
};
struct ZoneSkipped { ZoneId zone; SkipReason why; };
/// zlc_mark_zone_full.
struct ZoneMarkedFull { ZoneId zone; const Zonelist* zonelist; };
/// zlc_setup forgets the bits of a list: they are more than a second old.
struct ZonelistCacheZapped { const Zonelist* zonelist; };

/// Why shrink_page_list kept a page.
enum class Kept : std::uint8_t {
  locked,           // another task works on it
  mapped,           // this reclaim may not touch mapped pages
  under_writeback,
  referenced,       // used since the last look: back to the active list
  no_swap,          // anonymous, and there is no slot for it
  not_unmapped,     // its mapping could not be torn down
  dirty,            // may not be written by this reclaim, or is written by others first
  no_writepage,     // lies in memory alone
  write_refused,    // its device is congested, or somebody else holds it
  being_written,    // its write was started just now
  in_use,           // somebody else holds it
};
struct PageKept { Pfn pfn; Kept why; };
/// shrink_inactive_list is done with a group: `asked` of the list, `scanned` there and around,
/// `taken` off it, `freed` of these.
struct InactiveShrunk {
  ZoneId zone; int priority; Order order;
  PageCount asked; PageCount scanned; PageCount taken; PageCount freed;
};
/// One page of a Refill, in the order they are taken, before it is told; one of a BulkFree.
struct PagesetFilled { Pfn pfn; MigrateType type; };
struct PagesetDrained { Pfn pfn; MigrateType type; };
/// A task of which select_bad_process counted the points.
struct OomCandidate { TaskId task; std::uint64_t points; };
/// A request was given back while the queue stood below its off threshold, congested or not: who
/// waits in congestion_wait wakes.
struct QueueRelieved { DeviceId device; IoDirection direction; };

}  // namespace event

using Event = std::variant<
    event::PassBegin, event::WatermarkTest, event::PassEnd, event::ZoneReclaim, event::KswapdWake,
    event::DirectReclaimBegin, event::DirectReclaimEnd, event::DrainAll, event::CongestionWaitBegin,
    event::CongestionWaitEnd, event::OomLockLost, event::OutOfMemory, event::OomKill, event::Panic,
    event::SleepTicks, event::AllocFailed, event::FaultInjected, event::Allocated, event::Freed,
    event::Refill, event::BulkFree, event::Fallback, event::KswapdBegin, event::KswapdEnd,
    event::ZoneShrunk, event::WriteoutThrottle, event::SlabShrunk, event::PdflushWake,
    event::BalanceAgain, event::WritepageStart, event::CongestionSet, event::CongestionCleared,
    event::WriteFailed, event::ZoneSkipped, event::ZoneMarkedFull, event::ZonelistCacheZapped,
    event::PageKept, event::OomCandidate, event::QueueRelieved, event::InactiveShrunk,
    event::PagesetFilled, event::PagesetDrained, event::SwapOut, event::SwapInBegin,
    event::SwapInEnd, event::SwapIn, event::DirtyThrottleBegin, event::DirtyThrottleEnd,
    event::PdflushBegin, event::PdflushEnd, event::WritebackBegin, event::WritebackEnd>;

/// Hears each step, with the task that takes it. Must not change anything it sees.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(const Task& by, const Event& event) = 0;
};

/// Holds the one observer of a memory, or none.
class Steps {
 public:
  enum class Detail : std::uint8_t { none, all };
  void listen(Observer* observer, Detail detail = Detail::none) {
    observer_ = observer;
    detailed_ = detail == Detail::all && observer;
  }
  bool heard() const { return observer_ != nullptr; }
  bool heard_in_detail() const { return detailed_; }
  template <class Happening>
  void tell(const Task& by, const Happening& happening) const {
    if (observer_) [[unlikely]] report(by, happening);
  }
  /// For steps that nobody needs in an ordinary run.
  template <class Happening>
  void tell_detail(const Task& by, const Happening& happening) const {
    if (detailed_) [[unlikely]] report(by, happening);
  }

 private:
  template <class Happening>
  [[gnu::cold, gnu::noinline]] void report(const Task& by, Happening happening) const {
    observer_->on(by, Event{happening});
  }

  Observer* observer_ = nullptr;
  bool detailed_ = false;
};

}  // namespace numasim
