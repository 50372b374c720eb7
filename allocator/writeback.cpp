#include "allocator/writeback.hpp"

#include <algorithm>

#include "allocator/page_cache.hpp"

namespace numasim {
namespace {

constexpr std::int64_t kMaxWritebackPages = 1024;  // of one call by pdflush
constexpr std::int64_t kDirtyWritebackSeconds = 5;
constexpr auto kDirtyExpire = std::chrono::seconds{30};

/// set_ratelimit(): how many pages a CPU may dirty before its writer looks at the limits.
std::int64_t ratelimit(const Memory& memory) {
  const std::int64_t pages = memory.vm_total_pages().value / (memory.cpus() * 32);
  return std::clamp<std::int64_t>(pages, 16, 1024);
}

}  // namespace

Writeback::Writeback(Memory& memory, Machine& machine, Congestion& congestion,
                     Mappings& mappings, PageCache& page_cache)
    : memory_(memory),
      machine_(machine),
      congestion_(congestion),
      mappings_(mappings),
      page_cache_(page_cache),
      ratelimit_pages_(ratelimit(memory)),
      dirtied_(memory.cpus(), 0) {}

std::int64_t Writeback::dirty() const {
  return memory_.global(ZoneStat::file_dirty) + memory_.global(ZoneStat::unstable);
}
std::int64_t Writeback::under_writeback() const { return memory_.global(ZoneStat::writeback); }
Jiffies Writeback::tenth_of_second() const { return Jiffies{memory_.config().hz / 10}; }

DirtyLimits Writeback::limits(const Task& task) const {
  const std::int64_t dirtyable = memory_.global(ZoneStat::free_pages) +
                                 memory_.global(ZoneStat::inactive) +
                                 memory_.global(ZoneStat::active) + 1;
  const std::int64_t dirty_ratio = std::max(memory_.config().dirty_ratio_percent, 5);
  std::int64_t background_ratio = memory_.config().dirty_background_ratio_percent;
  if (background_ratio >= dirty_ratio) background_ratio = dirty_ratio / 2;
  std::int64_t background = background_ratio * dirtyable / 100;
  std::int64_t dirty = dirty_ratio * dirtyable / 100;
  if (task.realtime) {
    background += background / 4;
    dirty += dirty / 4;
  }
  return {{background}, {dirty}};
}

void Writeback::balance_dirty_pages(Task& task, Mapping&) {
  constexpr std::int64_t kRatelimitWhenExceeded = 8;
  std::int64_t& dirtied = dirtied_[task.cpu.value];
  if (++dirtied < (dirty_exceeded_ ? kRatelimitWhenExceeded : ratelimit_pages_)) return;
  dirtied = 0;

  const std::int64_t write_chunk = ratelimit_pages_ + ratelimit_pages_ / 2;
  std::int64_t written = 0;
  for (;;) {
    const DirtyLimits limit = limits(task);
    const std::int64_t pages = dirty() + under_writeback();
    if (pages <= limit.dirty.value) {
      dirty_exceeded_ = false;
      break;
    }
    dirty_exceeded_ = true;
    if (dirty() > 0) {
      Batch batch{.to_write = write_chunk};
      writeback_files(task, batch);
      written += write_chunk - batch.to_write;
      if (dirty() + under_writeback() <= limits(task).dirty.value || written >= write_chunk) break;
    }
    congestion_.wait(task, IoDirection::write, tenth_of_second());
  }
  if (dirty() > limits(task).background.value) wakeup_pdflush(task, PageCount{0});
}

void Writeback::throttle_vm_writeout(Task& task, Gfp gfp) {
  for (;;) {
    const std::int64_t dirty_limit = limits(task).dirty.value;
    const std::int64_t limit = dirty_limit + dirty_limit / 10;
    if (memory_.global(ZoneStat::unstable) + under_writeback() <= limit) return;
    congestion_.wait(task, IoDirection::write, tenth_of_second());
    if (!gfp.has(__GFP_FS | __GFP_IO)) return;  // may hold what the writes need: one nap only
  }
}

void Writeback::wakeup_pdflush(const Task&, PageCount pages) {
  if (!pdflush_idle_) return;  // no thread free: the request is dropped
  pdflush_idle_ = false;
  wanted_ = pages.value;
  machine_.wake_all(pdflush_wait_);
}

void Writeback::pdflush(Task& task) {
  task.swapwrite = true;
  const std::int64_t hz = memory_.config().hz;
  Jiffies next_kupdate{machine_.jiffies().value + kDirtyWritebackSeconds * hz};
  for (;;) {
    if (!wanted_) {
      pdflush_idle_ = true;
      const Jiffies left = next_kupdate - machine_.jiffies();
      if (left.value > 0) machine_.wait(task, pdflush_wait_, left);
      pdflush_idle_ = false;
    }
    if (wanted_) {
      background_writeout(task, *std::exchange(wanted_, std::nullopt));
    } else {
      const Jiffies start = machine_.jiffies();
      wb_kupdate(task);
      const Jiffies soonest = machine_.jiffies() + Jiffies{hz};
      next_kupdate = std::max(start + Jiffies{kDirtyWritebackSeconds * hz}, soonest);
    }
    machine_.spend(task);
  }
}

void Writeback::background_writeout(Task& task, std::int64_t min_pages) {
  for (;;) {
    if (dirty() <= limits(task).background.value && min_pages <= 0) return;
    Batch batch{.to_write = kMaxWritebackPages, .nonblocking = true};
    writeback_files(task, batch);
    min_pages -= kMaxWritebackPages - batch.to_write;
    if (batch.to_write <= 0) continue;
    congestion_.wait(task, IoDirection::write, tenth_of_second());
    if (!batch.met_congestion) return;
  }
}

void Writeback::wb_kupdate(Task& task) {
  std::int64_t left = dirty();
  const SimTime oldest = machine_.now() - kDirtyExpire;
  while (left > 0) {
    Batch batch{.to_write = kMaxWritebackPages, .nonblocking = true, .older_than = oldest};
    writeback_files(task, batch);
    left -= kMaxWritebackPages - batch.to_write;
    if (batch.to_write <= 0) continue;
    if (!batch.met_congestion) return;
    congestion_.wait(task, IoDirection::write, tenth_of_second());
  }
}

/// writeback_inodes(): the file that has been dirty longest first.
void Writeback::writeback_files(Task& task, Batch& batch) {
  std::vector<Mapping*> order;
  for (Mapping* file : mappings_.files())
    if (!file->dirty.empty()) order.push_back(file);
  std::ranges::stable_sort(order, {}, [](const Mapping* file) { return file->dirtied_when; });
  for (Mapping* file : order) {
    if (batch.to_write <= 0) return;
    if (batch.older_than && file->dirtied_when > *batch.older_than) return;
    if (batch.nonblocking && machine_.is_congested(file->device, IoDirection::write)) {
      batch.met_congestion = true;
      continue;
    }
    write_file(task, *file, batch);
  }
}

/// write_cache_pages(): ascending from where the last write ended, groups of 14, once around.
void Writeback::write_file(Task& task, Mapping& file, Batch& batch) {
  PageIndex from = file.writeback_index;
  bool wrapped = file.dirty.lower_bound(from) == file.dirty.end();
  if (wrapped) from = 0;
  std::size_t in_group = 0;
  for (;;) {
    const auto next = file.dirty.lower_bound(from);
    if (next == file.dirty.end()) break;
    const PageIndex page = *next;
    from = page + 1;
    const Pfn pfn = *file.find(page);
    const Frame& frame = memory_.frames()[pfn];
    if (frame.has(PageFlag::writeback)) continue;
    page_cache_.wait_while(task, pfn, PageFlag::locked);
    const bool still_ours = file.find(page) == pfn && frame.has(PageFlag::dirty) &&
                            !frame.has(PageFlag::writeback);
    if (!still_ours) continue;
    page_cache_.start_write(task, pfn);
    --batch.to_write;
    file.writeback_index = page + 1;
    if (++in_group < kPagevecSize) continue;
    in_group = 0;
    if (batch.to_write <= 0) return;
    if (batch.nonblocking && machine_.is_congested(file.device, IoDirection::write)) {
      batch.met_congestion = true;
      return;
    }
  }
}

}  // namespace numasim
