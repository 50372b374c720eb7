#include "allocator/writeback.hpp"

#include <algorithm>

namespace numasim {
namespace {

constexpr std::int64_t kRatelimitWhenExceeded = 8;

/// set_ratelimit(): how many pages a CPU may dirty before its writer looks at the limits.
std::int64_t ratelimit(const Memory& memory) {
  const std::int64_t pages = memory.vm_total_pages().value / (memory.cpus() * 32);
  return std::clamp<std::int64_t>(pages, 16, 1024);
}

}  // namespace

Writeback::Writeback(Memory& memory, Machine& machine, Congestion& congestion,
                     Mappings& mappings, PageCache& page_cache, DirtyAccounting& accounting,
                     DirtyInodes& inodes)
    : memory_(memory),
      machine_(machine),
      congestion_(congestion),
      mappings_(mappings),
      page_cache_(page_cache),
      accounting_(accounting),
      writer_(memory, machine, page_cache),
      inodes_(machine, accounting, inodes, page_cache, writer_),
      pdflush_(memory, machine, congestion, accounting, inodes_),
      ratelimit_pages_(ratelimit(memory)),
      dirtied_(memory.cpus(), 0) {}

/// The counters of a device are off by what the CPUs hold back; near the limit they are summed.
bool Writeback::device_within_limit(Task& task, DeviceId id) {
  const PageCount limit = accounting_.device_limit(task, id);
  const BackingDevice& device = accounting_.device(id);
  const bool counts = limit.value < 2 * device.writeback.error();
  const std::int64_t pages = counts ? device.reclaimable.sum() + device.writeback.sum()
                                    : device.reclaimable.read() + device.writeback.read();
  return pages <= limit.value;
}

/// May this writer go on without writing?
bool Writeback::within_limit(Task& task, DeviceId id) {
  const DirtyLimits limit = accounting_.limits(task);
  const std::int64_t pages = accounting_.dirty() + accounting_.under_writeback();
  if (!memory_.commons().switches.device_dirty_limits) return pages <= limit.dirty.value;
  const BackingDevice& device = accounting_.device(id);
  const std::int64_t of_device = device.reclaimable.read() + device.writeback.read();
  if (of_device <= accounting_.device_limit(task, id).value) return true;
  return pages < (limit.background + limit.dirty).value / 2;
}

/// Need this device's writers no longer look at the limits so often?
bool Writeback::is_relieved(Task& task, DeviceId id) {
  if (!memory_.commons().switches.device_dirty_limits) return within_limit(task, id);
  const BackingDevice& device = accounting_.device(id);
  return device.reclaimable.read() + device.writeback.read() <
         accounting_.device_limit(task, id).value;
}

void Writeback::balance_dirty_pages(Task& task, Mapping& file) {
  const DeviceId id = file.device;
  BackingDevice& device = accounting_.device(id);
  std::int64_t& dirtied = dirtied_[task.cpu.value];
  if (++dirtied < (device.dirty_exceeded ? kRatelimitWhenExceeded : ratelimit_pages_)) return;
  dirtied = 0;
  machine_.spend(task);

  if (!within_limit(task, id)) hold_back(task, id);
  if (is_relieved(task, id)) device.dirty_exceeded = false;

  if (device.pdflush_works) return;
  if (accounting_.dirty() > accounting_.limits(task).background.value)
    pdflush_.start_background_writeout(PageCount{0});
}

/// Until the limits hold, or the writer has done its part.
void Writeback::hold_back(Task& task, DeviceId id) {
  memory_.steps().tell(task, event::DirtyThrottleBegin{id});
  std::int64_t pages_written = 0;
  do {
    accounting_.device(id).dirty_exceeded = true;
    if (writes_itself(task, id, pages_written)) break;
    congestion_.wait(task, IoDirection::write, tenth_of_second());
  } while (!within_limit(task, id));
  memory_.steps().tell(task, event::DirtyThrottleEnd{id, {pages_written}});
}

/// The writer writes a chunk of this device's dirty pages. True when it may leave then.
bool Writeback::writes_itself(Task& task, DeviceId id, std::int64_t& pages_written) {
  const std::int64_t write_chunk = ratelimit_pages_ + ratelimit_pages_ / 2;
  if (accounting_.device(id).reclaimable.read() != 0) {
    WritebackPass pass{.to_write = write_chunk, .device = id};
    inodes_.write_inodes(task, pass);
    pages_written += write_chunk - pass.to_write;
  }
  const bool relieved = memory_.commons().switches.device_dirty_limits
                            ? device_within_limit(task, id)
                            : within_limit(task, id);
  return relieved || pages_written >= write_chunk;
}

void Writeback::throttle_vm_writeout(Task& task, Gfp gfp) {
  for (;;) {
    const std::int64_t dirty_limit = accounting_.limits(task).dirty.value;
    const std::int64_t limit = dirty_limit + dirty_limit / 10;
    if (memory_.global(ZoneStat::unstable) + accounting_.under_writeback() <= limit) return;
    congestion_.wait(task, IoDirection::write, tenth_of_second());
    if (!gfp.has(__GFP_FS | __GFP_IO)) return;  // may hold what the writes need: one nap only
  }
}

void Writeback::wakeup_pdflush(const Task&, PageCount pages) { pdflush_.wakeup(pages); }

/// Twice, as sys_sync() does: writing files changes the blocks that describe them.
void Writeback::sync(Task& task) {
  for (int turn = 0; turn < 2; ++turn) {
    WritebackPass pass{.to_write = INT64_MAX / 2, .waits = true};
    inodes_.write_inodes(task, pass);
    for (std::size_t i = 0; i < mappings_.files().size(); ++i) {
      Mapping& file = *mappings_.files()[i];
      for (PageIndex page = 0; page < file.extent(); ++page)
        if (const auto pfn = file.find(page))
          page_cache_.wait_while(task, *pfn, PageFlag::writeback);
    }
  }
  machine_.spend(task);
}

}  // namespace numasim
