#pragma once
// Rows of a recorded stream to records of a trace.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "workloads/import_report.hpp"
#include "workloads/kernel2624/refresh_finder.hpp"
#include "workloads/kernel2624/stream.hpp"
#include "workloads/trace.hpp"

namespace numasim::kernel2624 {

/// Turns each operation of the recorded machine into one of the task of its CPU. What the
/// operations cause (refills, flushes, fallbacks) is left to the model. An allocation begins where
/// its refill does, so records wait until no earlier one can follow.
class Operations {
 public:
  using Sink = std::function<void(const trace::Record&)>;

  /// `refreshes` ascending; `kswapd_pids` allocate with PF_MEMALLOC.
  Operations(std::vector<Refresh> refreshes, std::set<std::uint32_t> kswapd_pids,
             ImportReport& report, Sink sink);

  void row(const Row& row);
  /// A process enters or leaves direct reclaim, in which it has PF_MEMALLOC.
  void direct_reclaim_begins(std::uint32_t pid) { reclaimers_.insert(pid); }
  void direct_reclaim_ends(std::uint32_t pid) { reclaimers_.erase(pid); }
  /// A dying process may use the reserves, as with PF_MEMALLOC.
  void oom_kills(std::uint32_t pid) { dying_.insert(pid); }
  /// Date of the latest record.
  SimTime end() const { return latest_date_; }
  /// Hands out what still waits.
  void finish();

 private:
  using Place = std::pair<std::uint64_t, unsigned>;  // event index, order within it
  using Context = std::pair<CpuId, bool>;            // CPU, in interrupt
  struct LiveBlock {
    std::uint64_t id = 0;
    Order order{};
  };

  void alloc(const Row& row);
  void free(const Row& row, Order order);
  void trim(const Row& row);
  void put(Place place, const Row& row, trace::Operation operation);
  bool has_memalloc(const Row& row) const;
  void hand_out_before(std::uint64_t index);

  std::vector<Refresh> refreshes_;
  std::size_t next_refresh_ = 0;
  std::set<std::uint32_t> kswapd_pids_;
  std::set<std::uint32_t> reclaimers_;
  std::set<std::uint32_t> dying_;
  std::map<CpuId, std::uint32_t> hook_with_memalloc_;  // pid of the hook's request on a CPU
  std::map<Context, Row> refilling_;                   // first refill of an allocation under way
  std::map<Pfn, LiveBlock> live_;
  std::uint64_t next_id_ = 0;
  std::optional<Row> latest_trim_;
  std::map<Place, trace::Record> waiting_;
  SimTime latest_date_{};
  std::optional<SimTime> origin_;
  ImportReport& report_;
  Sink sink_;
};

}  // namespace numasim::kernel2624
