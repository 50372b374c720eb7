#pragma once
// Dirty page limits, the throttling of writers and pdflush (mm/page-writeback.c and
// fs/fs-writeback.c of 2.6.24).
// Differs from Linux: one limit for all devices, no floating shares of devices and tasks; one
// pdflush thread.

#include <vector>

#include "allocator/congestion.hpp"
#include "allocator/mapping.hpp"
#include "allocator/memory.hpp"
#include "allocator/page_holders.hpp"

namespace numasim {

class PageCache;

/// background and dirty threshold, in pages.
struct DirtyLimits {
  PageCount background, dirty;
};

class Writeback final : public WritebackControl {
 public:
  Writeback(Memory& memory, Machine& machine, Congestion& congestion, Mappings& mappings,
            PageCache& page_cache);

  /// get_dirty_limits(), without the per-device part.
  DirtyLimits limits(const Task& task) const;
  /// balance_dirty_pages_ratelimited(): one page of `file` was dirtied. Suspends.
  void balance_dirty_pages(Task& task, Mapping& file);

  void throttle_vm_writeout(Task& task, Gfp gfp) override;
  void wakeup_pdflush(const Task& by, PageCount pages) override;

  /// The pdflush thread: background_writeout on demand, wb_kupdate every five seconds. Suspends.
  void pdflush(Task& task);

 private:
  struct Batch {
    std::int64_t to_write;             // pages left of the request
    bool nonblocking = false;
    std::optional<SimTime> older_than{};  // only files dirtied before
    bool met_congestion = false;
  };
  void writeback_files(Task& task, Batch& batch);
  void write_file(Task& task, Mapping& file, Batch& batch);
  void background_writeout(Task& task, std::int64_t min_pages);
  void wb_kupdate(Task& task);
  std::int64_t dirty() const;
  std::int64_t under_writeback() const;
  Jiffies tenth_of_second() const;

  Memory& memory_;
  Machine& machine_;
  Congestion& congestion_;
  Mappings& mappings_;
  PageCache& page_cache_;
  std::int64_t ratelimit_pages_;
  std::vector<std::int64_t> dirtied_;  // by CPU, since the last balancing
  bool dirty_exceeded_ = false;
  std::optional<std::int64_t> wanted_;  // min_pages of the job waiting for pdflush
  bool pdflush_idle_ = false;
  WaitQueue pdflush_wait_{"pdflush has no work"};
};

}  // namespace numasim
