#pragma once
// Page reclaim: direct reclaim, kswapd's balancing and zone_reclaim (mm/vmscan.c of 2.6.24).

#include <vector>

#include "allocator/congestion.hpp"
#include "allocator/lru.hpp"
#include "allocator/page_holders.hpp"

namespace numasim {

class Vmscan {
 public:
  Vmscan(Memory& memory, Machine& machine, Congestion& congestion, Lru& lru, PageHolders& holders,
         WritebackControl& writeback, SlabShrinkers& slab)
      : memory_(memory), machine_(machine), congestion_(congestion), lru_(lru),
        holders_(holders), writeback_(writeback), slab_(slab) {}

  /// try_to_free_pages(): true for progress. Progress may be claimed with nothing freed, unless
  /// every zone was given up by kswapd. Suspends.
  bool try_to_free_pages(Task& task, Zonelist& zonelist, Order order, Gfp gfp);

  /// balance_pgdat(): reclaims until every zone of the node is above its high mark, or given up.
  /// Returns the pages reclaimed. Suspends.
  PageCount balance_pgdat(Task& task, Node& node, Order order);

  /// The kswapd thread of a node: sleeps until woken, balances, for ever. Suspends.
  void kswapd(Task& task, Node& node);

  /// zone_reclaim(): a light pass over one zone before the allocator goes to a more distant one.
  /// True if at least 2^order pages came free. Suspends.
  bool zone_reclaim(Task& task, Zone& zone, Gfp gfp, Order order);

  /// For recorded cases: called each time balance_pgdat starts over; false makes it stop.
  void set_again_limit(int times) { again_limit_ = times; }

 private:
  struct ScanControl;
  struct Isolated;
  PageCount shrink_zones(Task& task, int priority, Zonelist& zonelist, ScanControl& sc);
  PageCount shrink_zone(Task& task, int priority, Zone& zone, ScanControl& sc);
  void shrink_active_list(Task& task, std::int64_t nr, Zone& zone, int priority,
                          const ScanControl& sc);
  bool reclaims_mapped(const Zone& zone, int priority, const ScanControl& sc) const;
  PageCount shrink_inactive_list(Task& task, std::int64_t max_scan, Zone& zone, ScanControl& sc);
  enum class Writes : std::uint8_t { async, sync };
  PageCount shrink_page_list(Task& task, std::vector<Pfn>& pages, ScanControl& sc, Writes writes);
  enum class Outcome : std::uint8_t { keep, keep_locked, activate, free };
  Outcome shrink_page(Task& task, Pfn pfn, ScanControl& sc, Writes writes);
  Outcome write_out(Task& task, Pfn pfn, const ScanControl& sc, bool may_enter_fs, bool referenced);
  enum class From : std::uint8_t { inactive, active, both };
  Isolated isolate(const OnCpu& on, Zone& zone, LinkedList& list, std::int64_t nr, Order order,
                   From from);
  void isolate_around(const OnCpu& on, Pfn page, Order order, From from, Isolated& isolated);
  void put_back(const OnCpu& on, Zone& zone, const std::vector<Pfn>& pages);
  void free_reclaimed(Task& task, std::vector<Pfn>& freed);
  std::int64_t lru_pages(const Zone& zone) const;
  bool kswapd_pass(Task& task, Node& node, Order order, int priority, ScanControl& sc,
                   struct BalanceState& state);

  Memory& memory_;
  Machine& machine_;
  Congestion& congestion_;
  Lru& lru_;
  PageHolders& holders_;
  WritebackControl& writeback_;
  SlabShrinkers& slab_;
  int again_limit_ = -1;  // none
};

}  // namespace numasim
