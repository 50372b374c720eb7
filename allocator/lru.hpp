#pragma once
// The LRU lists of the zones and the per-CPU vectors in front of them (mm/swap.c of 2.6.24).

#include <map>
#include <vector>

#include "allocator/memory.hpp"

namespace numasim {

/// Pages move to the lists in groups of this size (PAGEVEC_SIZE).
inline constexpr std::size_t kPagevecSize = 14;

class Lru {
 public:
  explicit Lru(Memory& memory) : memory_(memory), cpus_(memory.cpus()) {}

  /// lru_cache_add: a new page cache page; reaches the inactive list when 14 have gathered.
  void add_inactive(const OnCpu& on, Pfn pfn);
  /// lru_cache_add_active: a new anonymous page.
  void add_active(const OnCpu& on, Pfn pfn);
  /// mark_page_accessed: the second touch activates.
  void mark_accessed(const OnCpu& on, Pfn pfn);
  /// rotate_reclaimable_page: a page whose write has ended goes to the inactive tail.
  void rotate(const OnCpu& on, Pfn pfn);
  /// lru_add_drain: flushes this CPU's vectors.
  void drain(const OnCpu& on);
  /// release_pages(): takes pages nobody owns any more off their lists and frees them, the last of
  /// each group of 14 first. A page still waiting in a vector is freed when that is flushed, one
  /// that reclaim holds when it is put back.
  void release(const OnCpu& on, std::span<const Pfn> pages);

  /// get_page() and put_page() of one who sleeps until something becomes of a page: it is not taken
  /// away meanwhile; if its last user goes, it is freed when the last sleeper lets go.
  void hold(Pfn pfn);
  void let_go(const OnCpu& on, Pfn pfn);

  // For vmscan: list operations of a page that is isolated, or about to be.
  void insert(const OnCpu& on, Zone& zone, Pfn pfn, bool active);  // at the head
  void remove(const OnCpu& on, Zone& zone, Pfn pfn);
  /// As insert(), but a page that lost its last user meanwhile is freed.
  void put_back(const OnCpu& on, Zone& zone, Pfn pfn, bool active);

  /// Recounts every list: flags, links and counters.
  void check() const;

 private:
  struct Vectors {
    std::vector<Pfn> inactive, active, rotate;
  };
  void gather(const OnCpu& on, std::vector<Pfn>& vector, Pfn pfn, bool active);
  void flush(const OnCpu& on, std::vector<Pfn>& vector, bool active);
  void flush_rotations(const OnCpu& on);

  Memory& memory_;
  std::vector<Vectors> cpus_;
  std::map<Pfn, int> holds_;  // how many sleepers hold a page
};

}  // namespace numasim
