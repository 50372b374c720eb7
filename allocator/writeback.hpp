#pragma once
// The throttling of those who dirty pages, and of reclaim (mm/page-writeback.c of 2.6.24).

#include <vector>

#include "allocator/page_holders.hpp"
#include "allocator/pdflush.hpp"

namespace numasim {

class Writeback final : public WritebackControl {
 public:
  Writeback(Memory& memory, Machine& machine, Congestion& congestion, Mappings& mappings,
            PageCache& page_cache, DirtyAccounting& accounting, DirtyInodes& inodes);

  /// get_dirty_limits(), without the per-device part.
  DirtyLimits limits(const Task& task) const { return accounting_.limits(task); }
  /// balance_dirty_pages_ratelimited(): one page of `file` was dirtied. Suspends.
  void balance_dirty_pages(Task& task, Mapping& file);

  void throttle_vm_writeout(Task& task, Gfp gfp) override;
  void wakeup_pdflush(const Task& by, PageCount pages) override;

  /// sync(): writes all that is dirty and waits until it is written. Suspends.
  void sync(Task& task);

  Pdflush& pdflush() { return pdflush_; }

 private:
  void hold_back(Task& task, DeviceId id);
  bool writes_itself(Task& task, DeviceId device, std::int64_t& pages_written);
  bool is_relieved(Task& task, DeviceId id);
  bool within_limit(Task& task, DeviceId device);
  bool device_within_limit(Task& task, DeviceId device);
  Jiffies tenth_of_second() const { return Jiffies{memory_.config().hz / 10}; }

  Memory& memory_;
  Machine& machine_;
  Congestion& congestion_;
  Mappings& mappings_;
  PageCache& page_cache_;
  DirtyAccounting& accounting_;
  PageWriter writer_;
  InodeWriteback inodes_;
  Pdflush pdflush_;
  std::int64_t ratelimit_pages_;
  std::vector<std::int64_t> dirtied_;  // by CPU, since the last balancing
};

}  // namespace numasim
