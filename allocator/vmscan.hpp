#pragma once
// Page reclaim: direct reclaim, kswapd's balancing and zone_reclaim (mm/vmscan.c of 2.6.24).

#include <vector>

#include "allocator/congestion.hpp"
#include "allocator/lru.hpp"
#include "allocator/page_holders.hpp"

namespace numasim {

/// One reclaimer's terms (struct scan_control).
struct ScanControl {
  Gfp gfp;
  Order order{0};
  bool may_writepage = true;
  bool may_swap = true;  // may touch mapped pages
  std::int64_t swap_cluster_max = 32;
  int priority = 12;  // DEF_PRIORITY
  std::int64_t nr_scanned = 0;
  bool all_unreclaimable = false;  // of the last shrink_zones
};

/// Passes over the lists, from the lightest.
inline constexpr int kDefPriority = 12;

class Vmscan {
 public:
  Vmscan(Memory& memory, Machine& machine, Congestion& congestion, Lru& lru, PageHolders& holders,
         WritebackControl& writeback, SlabShrinkers& slab)
      : memory_(memory), machine_(machine), congestion_(congestion), lru_(lru),
        holders_(holders), writeback_(writeback), slab_(slab) {}

  /// try_to_free_pages(): true for progress. Progress may be claimed with nothing freed, unless
  /// kswapd has given up every zone. Suspends.
  bool try_to_free_pages(Task& task, Zonelist& zonelist, Order order, Gfp gfp);

  /// Pages that balance_pgdat() reclaimed.
  struct Balanced {
    PageCount last_round;  // since it last started over; this is what Linux returns
    PageCount total;
  };
  /// balance_pgdat(): reclaims until every zone of the node is above its high mark, or given up.
  /// Suspends.
  Balanced balance_pgdat(Task& task, Node& node, Order order);

  /// The kswapd thread of a node: sleeps until woken, balances, for ever. Suspends.
  void kswapd(Task& task, Node& node);

  /// zone_reclaim(): a light pass over one zone before the allocator goes to a more distant one.
  /// True if at least 2^order pages came free. Suspends.
  bool zone_reclaim(Task& task, Zone& zone, Gfp gfp, Order order);

  /// Pages of swap space; without any, anonymous pages stay where they are.
  void set_total_swap_pages(PageCount pages) { total_swap_pages_ = pages; }
  /// For recorded cases: balance_pgdat returns instead of starting over for the n-th time.
  void stop_at_restart(int n) { stop_at_restart_ = n; }

 private:
  enum class Writes : std::uint8_t { async, sync };
  enum class Outcome : std::uint8_t { keep, activate, free };
  enum class From : std::uint8_t { inactive, active, both };
  /// Pages taken off their list, oldest first.
  struct Isolated {
    std::vector<Pfn> pages;
    std::int64_t scanned = 0;
  };
  struct Balance;

  // vmscan.cpp
  void shrink_zones(Task& task, int priority, Zonelist& zonelist, ScanControl& sc,
                    PageCount& reclaimed);
  void note_priority(Task& task, Zonelist& zonelist, int priority);
  bool allowed(const Task& task, const Zone& zone) const;
  PageCount lru_pages(const Zone& zone) const;
  std::int64_t shrink_slab(Task& task, PageCount scanned, Gfp gfp, PageCount lru_pages);

  // shrink_zone.cpp
  PageCount shrink_zone(Task& task, int priority, Zone& zone, ScanControl& sc);
  void shrink_active_list(Task& task, std::int64_t nr, Zone& zone, int priority,
                          const ScanControl& sc);
  bool reclaims_mapped(const Zone& zone, int priority, const ScanControl& sc) const;
  PageCount shrink_inactive_list(Task& task, std::int64_t max_scan, Zone& zone, ScanControl& sc);
  PageCount shrink_isolated(Task& task, Isolated& isolated, Zone& zone, ScanControl& sc);
  void clear_active_flags(const OnCpu& on, Zone& zone, const std::vector<Pfn>& pages);
  Isolated isolate(Zone& zone, LinkedList& list, std::int64_t nr, Order order, From from);
  void isolate_around(Zone& zone, Pfn page, Order order, From from, Isolated& isolated);
  void put_back(const OnCpu& on, Zone& zone, const std::vector<Pfn>& pages);

  // shrink_page_list.cpp
  PageCount shrink_page_list(Task& task, std::vector<Pfn>& pages, ScanControl& sc, Writes writes);
  Outcome shrink_page(Task& task, Pfn pfn, ScanControl& sc, Writes writes);
  void free_reclaimed(Task& task, std::vector<Pfn>& freed);

  // kswapd.cpp
  bool balance_at(Task& task, Node& node, Order order, int priority, ScanControl& sc,
                  Balance& balance);
  int highest_unbalanced(const Node& node, Order order, int priority) const;
  void balance_zone(Task& task, Zone& zone, int priority, PageCount lru, bool skips_lists,
                    ScanControl& sc, Balance& balance);
  static PageCount unmapped_file_pages(const Zone& zone);
  PageCount reclaim_slab_of(Task& task, Zone& zone, const ScanControl& sc, Order order);
  bool zone_reclaim_refused(const Task& task, const Zone& zone, Gfp gfp) const;

  Jiffies tenth_of_second() const { return Jiffies{memory_.config().hz / 10}; }

  Memory& memory_;
  Machine& machine_;
  Congestion& congestion_;
  Lru& lru_;
  PageHolders& holders_;
  WritebackControl& writeback_;
  SlabShrinkers& slab_;
  PageCount total_swap_pages_{0};
  int stop_at_restart_ = 0;  // never
};

}  // namespace numasim
