#pragma once
// How much may be dirty: the limits of the machine, of each device and of each task, and the
// counters they look at (mm/page-writeback.c of 2.6.24).

#include <memory>
#include <vector>

#include "allocator/floating_share.hpp"
#include "allocator/memory.hpp"

namespace numasim {

/// background and dirty threshold, in pages.
struct DirtyLimits {
  PageCount background, dirty;
};

/// What writeback knows of a device (struct backing_dev_info).
struct BackingDevice {
  explicit BackingDevice(unsigned cpus) : reclaimable(cpus), writeback(cpus) {}

  PercpuCounter reclaimable;  // dirty pages of its files
  PercpuCounter writeback;    // pages on their way to it
  std::int64_t pages_in_flight = 0;  // as `writeback` tells, but exact; for observers alone
  FloatingShares::Element completions;
  bool dirty_exceeded = false;   // its writers look at the limits every 8 pages
  bool pdflush_works = false;    // BDI_pdflush: one pdflush at a time
};

class DirtyAccounting {
 public:
  explicit DirtyAccounting(Memory& memory);

  /// A page of a file on `device` becomes dirty, by this task's doing.
  void page_dirtied(const OnCpu& on, Zone& zone, DeviceId device);
  /// It is clean again, or its write begins.
  void page_cleaned(const OnCpu& on, Zone& zone, DeviceId device);
  void write_begins(const OnCpu& on, Zone& zone, DeviceId device);
  void write_ended(const OnCpu& on, Zone& zone, DeviceId device);

  /// Of the whole machine, for this task (get_dirty_limits).
  DirtyLimits limits(const Task& task) const;
  /// A device's part of the dirty limit, less the more of it this task has dirtied.
  PageCount device_limit(Task& task, DeviceId device);
  FloatingShares::Share completions_of(DeviceId device) const;
  FloatingShares::Share dirties_of(Task& task) { return dirties_.share(task.dirties); }

  /// Dirty pages of all files, as the counters tell.
  std::int64_t dirty() const;
  std::int64_t under_writeback() const { return memory_.global(ZoneStat::writeback); }
  std::int64_t dirtyable() const;
  BackingDevice& device(DeviceId id);

  /// What a write that follows a change of dirty_ratio does to the memory of past events.
  void ratio_changed();

 private:
  std::int64_t dirty_ratio_percent() const;

  Memory& memory_;
  FloatingShares completions_, dirties_;
  std::vector<std::unique_ptr<BackingDevice>> devices_;
};

}  // namespace numasim
