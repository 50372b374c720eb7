#pragma once
// What is in a trace, counted in one pass.

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "workloads/id_set.hpp"
#include "workloads/trace.hpp"
#include "workloads/trace_names.hpp"

namespace numasim::trace {

/// A trace may name 2^64 blocks of order 30, whatever a machine can hold.
__extension__ typedef __int128 WidePages;

inline constexpr std::size_t kOrders = 31;  // of the format; those from kMaxOrder on always fail

/// Counts of durations by powers of two: element i counts those of less than 2^i ns, but not less
/// than half of that; element 0 those of 0 ns.
using DurationCounts = std::array<std::uint64_t, 64>;

struct TraceStatistics {
  std::uint64_t records = 0;
  std::uint64_t dated = 0;         // records with a date
  std::uint64_t in_interrupt = 0;  // records
  std::optional<SimTime> first_date{};
  std::optional<SimTime> last_date{};

  std::array<std::uint64_t, kOperationNames.size()> by_operation{};  // records
  std::vector<std::pair<std::string, std::uint64_t>> by_task{};      // records, as declared
  std::array<std::uint64_t, kOrders> blocks_by_order{};              // allocated
  std::map<std::string, std::uint64_t> blocks_by_gfp{};              // allocated

  std::uint64_t blocks_freed = 0;
  std::uint64_t frees_of_start_state = 0;  // by frame number
  std::uint64_t unmatched_frees = 0;       // blocks whose id was not in use
  std::uint64_t reused_ids = 0;            // blocks whose id was in use already
  std::uint64_t blocks_left = 0;           // never freed
  std::uint64_t touched_pages = 0;         // by touch records, each time
  std::uint64_t read_pages = 0;            // of files, each time
  std::uint64_t written_pages = 0;         // of files, each time
  std::uint64_t files = 0;                 // different ones

  PageCount peak_block_pages{};           // in blocks allocated and not yet freed
  PageCount peak_anonymous_pages{};       // touched in regions that are mapped
  PageCount peak_live_pages{};            // of both together
  DurationCounts lifetimes{};             // of blocks whose alloc and free have dates
  std::uint64_t lifetimes_not_known = 0;  // of freed blocks
};

/// Pages in the blocks of one order, and of all.
PageCount pages_of(const TraceStatistics& statistics, std::size_t order);
PageCount pages_of(const TraceStatistics& statistics);

/// The least 2^i ns that at least `percent` of the counted durations stay below; nothing when
/// there are none.
std::optional<SimDuration> quantile_bound(const DurationCounts& counts, unsigned percent);

/// Counts records one after the other. What it keeps grows with the blocks, regions, files and
/// tasks there are, not with the length of the trace. Supposes that every request succeeds.
class TraceStatistician {
 public:
  void count(const Record& record, const std::vector<TaskDeclaration>& tasks);
  /// The statistics so far.
  TraceStatistics statistics() const;

 private:
  struct LiveBlocks {  // with ids from a map's key up to `end`
    std::uint64_t end = 0;
    Order order{};
    std::optional<SimTime> allocated{};
  };
  struct Region {
    bool is_anonymous = true;
    IdSet touched{};  // pages
    std::uint64_t touched_pages = 0;
  };
  using Regions = std::map<std::string, Region, std::less<>>;

  void count(const Record& record, const Alloc& alloc);
  void count(const Record& record, const Free& free);
  void count(const Record& record, const Map& map);
  void count(const Record& record, const Touch& touch);
  void count(const Record& record, const Unmap& unmap);
  void count(const Record& record, const Read& read);
  void count(const Record& record, const Write& write);
  void count(const Record& record, const Exit& exit);
  template <class Other>
  void count(const Record&, const Other&) {}

  template <class OnTaken>
  void take(std::uint64_t first, std::uint64_t end, OnTaken on_taken);
  void freed(const LiveBlocks& blocks, std::uint64_t count, std::optional<SimTime> now);
  void forget(const Region& region);
  void note_peaks();

  TraceStatistics so_far_;
  std::vector<std::uint64_t> by_task_;
  std::vector<std::string> task_names_;
  std::vector<Regions> regions_;  // by task
  std::map<std::uint64_t, LiveBlocks> live_;
  std::map<std::uint32_t, std::uint64_t> by_gfp_;  // by mask
  std::set<std::string, std::less<>> files_;
  WidePages block_pages_ = 0;
  WidePages anonymous_pages_ = 0;
};

/// Reads a whole trace, "-" for standard input. Throws InputError.
TraceStatistics statistics_of(const std::filesystem::path& file);

}  // namespace numasim::trace
