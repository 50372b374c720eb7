#pragma once
// alloc_pages: from a request to a block of pages, through the freelists, reclaim and the OOM
// killer (mm/page_alloc.c, __alloc_pages, Linux 2.6.24 and 2.6.22).

#include <cstdint>
#include <variant>

#include "allocator/congestion.hpp"
#include "allocator/fault_injection.hpp"
#include "allocator/machine.hpp"
#include "allocator/memory.hpp"

namespace numasim {

/// Why an allocation returned NULL.
enum class Why : std::uint8_t {
  order_too_large,  // order >= MAX_ORDER: refused before anything is tried
  injected,         // should_fail_alloc_page said so
  empty_zonelist,   // __GFP_THISNODE on a node without memory
  this_node_full,   // GFP_THISNODE neither wakes kswapd nor reclaims
  reserves_empty,   // a PF_MEMALLOC or dying task found nothing even without watermarks
  may_not_use_reserves,  // the same task, with __GFP_NOMEMALLOC
  cannot_wait,      // atomic, and below the mark it may go down to
  costly_order,     // order > 3 and nothing reclaimable: a kill frees pages, not blocks
  no_progress,      // the request does not ask to be retried
};
std::string_view to_string(Why why);

struct Failed {
  Why why;
  bool operator==(const Failed&) const = default;
};
using AllocResult = std::variant<Pfn, Failed>;

/// A request as it goes down the slow path.
struct AllocRequest {
  Gfp gfp;
  Order order;
  Zonelist& zonelist;
  AllocFlags alloc_flags = 0;  // how deep the second pass and its repetitions may go
  int rounds = 0;              // trips through direct reclaim so far

  bool may_wait() const { return gfp.has(__GFP_WAIT); }
  bool this_node_only() const { return gfp.has(GFP_THISNODE); }
  bool may_oom() const { return gfp.has(__GFP_FS) && !gfp.has(__GFP_NORETRY); }
};

/// What reclaims for the allocator. Two users: vmscan with the OOM killer, and recorded scripts.
class Reclaimer {
 public:
  virtual ~Reclaimer() = default;
  /// try_to_free_pages(): true if it made progress. Suspends.
  virtual bool try_to_free_pages(Task& task, Zonelist& zonelist, Order order, Gfp gfp) = 0;
  /// zone_reclaim(): true if the zone may be tried without another watermark test. Suspends.
  virtual bool zone_reclaim(Task& task, Zone& zone, Gfp gfp, Order order) = 0;
  /// out_of_memory(): chooses and kills. Suspends.
  virtual void out_of_memory(Task& task, Zonelist& zonelist, Gfp gfp, Order order) = 0;
};

/// The kernel's shared limit on messages: a burst of ten, then one every five seconds, unless set
/// otherwise (printk_ratelimit of 2.6.24).
class PrintkRateLimit {
 public:
  explicit PrintkRateLimit(const KernelConfig& config)
      : cost_(std::int64_t{config.printk_ratelimit_seconds} * config.hz),
        most_(config.printk_ratelimit_burst * cost_) {}
  bool allows(Jiffies now);

 private:
  std::int64_t cost_;  // of one message, in ticks
  std::int64_t most_;
  std::int64_t tokens_ = most_;
  Jiffies last_{0};
};

class PageAllocator {
 public:
  PageAllocator(Memory& memory, Machine& machine, Congestion& congestion, Reclaimer& reclaimer,
                std::uint64_t seed = 0);

  /// alloc_pages_node(): 2^order frames, from `node` or where its zonelist leads.
  /// Suspends: in direct reclaim, congestion_wait and the OOM branch; only with __GFP_WAIT.
  AllocResult alloc_pages(Task& task, Gfp gfp, Order order, NodeId node);

  /// __alloc_pages() on a given zonelist.
  AllocResult alloc_pages(Task& task, Gfp gfp, Order order, Zonelist& zonelist);

  /// What a GFP_THISNODE request for one page does, without being counted as a failed request when
  /// there is none: for callers that go on elsewhere (kmem_getpages). `gfp` has __GFP_THISNODE.
  MaybePfn probe_node(Task& task, Gfp gfp, NodeId node);

  Memory& memory() { return memory_; }
  FaultInjection& fault_injection() { return fault_injection_; }
  std::int64_t warnings() const { return warnings_; }
  std::int64_t memory_pressure_bumps() const { return memory_pressure_bumps_; }

 private:
  // What a rung of the slow path says to the one above it.
  struct Restart {};   // begin again with the low mark
  struct GoOn {};      // try the next rung
  using Verdict = std::variant<GoOn, Restart, Pfn, Failed>;

  bool should_fail(const Task& task, Gfp gfp, Order order, const Zonelist& zonelist);
  Pfn prep_new_page(Task& task, Pfn page, Gfp gfp, Order order) {
    if (gfp.has_any(__GFP_COMP | __GFP_ZERO)) treat_new_page(task, page, gfp, order);
    return page;
  }
  void treat_new_page(Task& task, Pfn page, Gfp gfp, Order order);
  Verdict slow_path(Task& task, AllocRequest& request);
  Verdict rebalance(Task& task, AllocRequest& request);
  Verdict take_ignoring_watermarks(Task& task, AllocRequest& request);
  bool direct_reclaim(Task& task, AllocRequest& request);
  Verdict out_of_memory(Task& task, AllocRequest& request);
  void tell_out_of_memory(Task& task, const AllocRequest& request) const;
  Verdict before_oom(Task& task, AllocRequest& request);
  bool keeps_trying(const AllocRequest& request) const;
  bool try_lock_zones(Zonelist& zonelist);
  void unlock_zones(Zonelist& zonelist);
  void wait_for_writes(Task& task);
  AllocFlags second_pass_flags(const Task& task, Gfp gfp) const;
  AllocResult nopage(Task& task, const AllocRequest& request, Why why);

  MaybePfn get_page_from_freelist(Task& task, Gfp gfp, Order order, Zonelist& zonelist,
                                            AllocFlags flags);
  void tell_end_of_pass(Task& task, Gfp gfp, Order order, const Zonelist& zonelist,
                        MaybePfn page) const;
  void wake_kswapds(Task& task, const AllocRequest& request);
  void wakeup_kswapd(Task& task, Zone& zone, Order order);

  Memory& memory_;
  Machine& machine_;
  Congestion& congestion_;
  Reclaimer& reclaimer_;
  PrintkRateLimit printk_ratelimit_;
  FaultInjection fault_injection_;
  std::int64_t warnings_ = 0;
  std::int64_t memory_pressure_bumps_ = 0;
};

}  // namespace numasim
