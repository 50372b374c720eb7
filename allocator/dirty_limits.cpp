#include "allocator/dirty_limits.hpp"

#include <algorithm>
#include <bit>

namespace numasim {

DirtyAccounting::DirtyAccounting(Memory& memory) : memory_(memory) { ratio_changed(); }

/// The period of the floating shares follows the dirty limit: half of it or more, in a power of 2.
void DirtyAccounting::ratio_changed() {
  const std::int64_t limit =
      std::max<std::int64_t>(memory_.config().dirty_ratio_percent * dirtyable() / 100, 2);
  const int shift = 1 + std::bit_width(static_cast<std::uint64_t>(limit - 1));
  completions_.set_shift(shift);
  dirties_.set_shift(shift);
}

BackingDevice& DirtyAccounting::device(DeviceId id) {
  while (id.value >= devices_.size())
    devices_.push_back(std::make_unique<BackingDevice>(memory_.cpus()));
  return *devices_[id.value];
}

void DirtyAccounting::page_dirtied(const OnCpu& on, Zone& zone, DeviceId id) {
  zone.count_up(on, ZoneStat::file_dirty);
  device(id).reclaimable.add(on.cpu, 1);
  dirties_.count(on.task.dirties);
}

void DirtyAccounting::page_cleaned(const OnCpu& on, Zone& zone, DeviceId id) {
  zone.count_down(on, ZoneStat::file_dirty);
  device(id).reclaimable.add(on.cpu, -1);
}

void DirtyAccounting::write_begins(const OnCpu& on, Zone& zone, DeviceId id) {
  zone.count_up(on, ZoneStat::writeback);
  device(id).writeback.add(on.cpu, 1);
  if (device(id).pages_in_flight++ == 0)
    memory_.steps().tell(on.task, event::WritebackBegin{id});
}

void DirtyAccounting::write_ended(const OnCpu& on, Zone& zone, DeviceId id) {
  zone.count_down(on, ZoneStat::writeback);
  BackingDevice& ended = device(id);
  ended.writeback.add(on.cpu, -1);
  if (--ended.pages_in_flight == 0) memory_.steps().tell(on.task, event::WritebackEnd{id});
  completions_.count(ended.completions);
}

std::int64_t DirtyAccounting::dirty() const {
  return memory_.global(ZoneStat::file_dirty) + memory_.global(ZoneStat::unstable);
}

std::int64_t DirtyAccounting::dirtyable() const {
  return memory_.global(ZoneStat::free_pages) + memory_.global(ZoneStat::inactive) +
         memory_.global(ZoneStat::active) + 1;
}

/// The older era lowers the ratio where much of memory is mapped: to half of what is not.
std::int64_t DirtyAccounting::dirty_ratio_percent() const {
  std::int64_t ratio = memory_.config().dirty_ratio_percent;
  if (memory_.commons().switches.dirty_ratio_below_unmapped) {
    const std::int64_t mapped =
        memory_.global(ZoneStat::file_mapped) + memory_.global(ZoneStat::anon_pages);
    const std::int64_t unmapped = 100 - mapped * 100 / dirtyable();
    ratio = std::min(ratio, unmapped / 2);
  }
  return std::max<std::int64_t>(ratio, 5);
}

DirtyLimits DirtyAccounting::limits(const Task& task) const {
  const std::int64_t dirty_ratio = dirty_ratio_percent();
  std::int64_t background_ratio = memory_.config().dirty_background_ratio_percent;
  if (background_ratio >= dirty_ratio) background_ratio = dirty_ratio / 2;
  std::int64_t background = background_ratio * dirtyable() / 100;
  std::int64_t dirty = dirty_ratio * dirtyable() / 100;
  if (task.realtime) {
    background += background / 4;
    dirty += dirty / 4;
  }
  return {{background}, {dirty}};
}

FloatingShares::Share DirtyAccounting::completions_of(DeviceId id) const {
  if (id.value >= devices_.size()) return {};
  return completions_.share(devices_[id.value]->completions);
}

PageCount DirtyAccounting::device_limit(Task& task, DeviceId id) {
  const std::int64_t dirty_limit = limits(task).dirty.value;
  BackingDevice& bdi = device(id);
  const std::int64_t share = completions_.share(bdi.completions).of(dirty_limit);

  // Not more than all devices together leave of the limit.
  const std::int64_t used = dirty() + under_writeback();
  const std::int64_t available = std::max<std::int64_t>(dirty_limit - used, 0) +
                                 bdi.reclaimable.read() + bdi.writeback.read();
  const std::int64_t limit = std::min(share, available);

  // A task that dirties most is throttled before the others: down to an eighth less.
  const std::int64_t eighth = dirties_.share(task.dirties).of(limit / 8);
  return {std::max(limit - eighth, limit / 2)};
}

}  // namespace numasim
