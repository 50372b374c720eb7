#include "allocator/pdflush.hpp"

#include <algorithm>

namespace numasim {
namespace {

constexpr std::int64_t kMaxWritebackPages = 1024;  // of one pass over the files
constexpr unsigned kThreadsAtBoot = 2;

}  // namespace

Pdflush::Pdflush(Memory& memory, Machine& machine, Congestion& congestion,
                 DirtyAccounting& accounting, InodeWriteback& inodes)
    : memory_(memory),
      machine_(machine),
      congestion_(congestion),
      accounting_(accounting),
      inodes_(inodes),
      threads_(kMostPdflushThreads) {
  for (unsigned index = 0; index < kMostPdflushThreads; ++index) {
    threads_[index].exists = index < kThreadsAtBoot;
    threads_[index].wait = std::make_unique<WaitQueue>("pdflush has no work");
    if (threads_[index].exists) idle_.push_back(index);
  }
}

unsigned Pdflush::count() const {
  return static_cast<unsigned>(
      std::ranges::count_if(threads_, [](const Thread& thread) { return thread.exists; }));
}

/// The thread that went idle last gets the work.
bool Pdflush::start(const Job& job) {
  if (idle_.empty()) return false;
  Thread& thread = threads_[idle_.back()];
  idle_.pop_back();
  if (idle_.empty()) last_empty_ = machine_.jiffies();
  thread.job = job;
  machine_.wake_all(*thread.wait);
  return true;
}

bool Pdflush::start_background_writeout(PageCount pages) {
  return start(Job{.periodic = false, .min_pages = pages.value});
}

void Pdflush::wakeup(PageCount pages) {
  start_background_writeout(pages.value != 0 ? pages : PageCount{accounting_.dirty()});
}

void Pdflush::go_idle(unsigned index) {
  threads_[index].idle_since = machine_.jiffies();
  idle_.push_back(index);
}

void Pdflush::run(Task& task, unsigned index) {
  task.swapwrite = true;
  task.is_pdflush = true;
  Thread& self = threads_[index];
  for (;;) {
    while (!self.job) machine_.wait(task, *self.wait);
    const Job job = *self.job;
    memory_.steps().tell(task, event::PdflushBegin{job.periodic});
    const std::int64_t written =
        job.periodic ? write_old(task) : background_writeout(task, job.min_pages);
    machine_.spend(task);
    memory_.steps().tell(task, event::PdflushEnd{job.periodic, {written}});
    self.job.reset();
    go_idle(index);
    adjust_pool(index);
  }
}

/// All busy for a second: one more thread. One idle for a second beyond the two: one less.
void Pdflush::adjust_pool(unsigned index) {
  const Jiffies second{memory_.config().hz};
  const Jiffies now = machine_.jiffies();
  const bool others_idle = idle_.size() > 1;
  if (now - last_empty_ > second && !others_idle && count() < kMostPdflushThreads) {
    const auto spare = std::ranges::find_if(threads_, [](const Thread& t) { return !t.exists; });
    spare->exists = true;
    spare->idle_since = now;
    idle_.insert(idle_.begin(), static_cast<unsigned>(spare - threads_.begin()));
  }
  if (!others_idle || count() <= kThreadsAtBoot) return;
  Thread& longest_idle = threads_[idle_.front()];
  if (now - longest_idle.idle_since <= second) return;
  longest_idle.idle_since = now;  // at most one goes in a second
  std::erase(idle_, index);
  threads_[index].exists = false;
}

/// Writes until the background limit holds again and as many pages as asked for are written.
/// Returns the pages written.
std::int64_t Pdflush::background_writeout(Task& task, std::int64_t min_pages) {
  std::int64_t written = 0;
  for (;;) {
    const bool enough = accounting_.dirty() < accounting_.limits(task).background.value;
    if (enough && min_pages <= 0) return written;
    WritebackPass pass{.to_write = kMaxWritebackPages, .nonblocking = true};
    inodes_.write_inodes(task, pass);
    min_pages -= kMaxWritebackPages - pass.to_write;
    written += kMaxWritebackPages - pass.to_write;
    if (pass.to_write <= 0 && pass.pages_skipped == 0) continue;
    congestion_.wait(task, IoDirection::write, tenth_of_second());
    if (!pass.met_congestion) return written;
  }
}

/// wb_kupdate(): what has been dirty for thirty seconds. Returns the pages written.
std::int64_t Pdflush::write_old(Task& task) {
  const KernelConfig& config = memory_.config();
  const Jiffies expire{std::int64_t{config.dirty_expire_centisecs} * config.hz / 100};
  const Jiffies oldest = machine_.jiffies() - expire;
  std::int64_t left = accounting_.dirty(), written = 0;
  while (left > 0) {
    WritebackPass pass{.to_write = kMaxWritebackPages,
                       .nonblocking = true,
                       .for_kupdate = true,
                       .older_than = oldest};
    inodes_.write_inodes(task, pass);
    written += kMaxWritebackPages - pass.to_write;
    if (pass.to_write > 0) {
      if (!pass.met_congestion) return written;
      congestion_.wait(task, IoDirection::write, tenth_of_second());
    }
    left -= kMaxWritebackPages - pass.to_write;
  }
  return written;
}

/// Differs from Linux: the timer is a thread of its own, and the next firing is set when the work
/// is handed out, not when it ends.
void Pdflush::run_timer(Task& task) {
  const KernelConfig& config = memory_.config();
  const Jiffies second{config.hz};
  for (;;) {
    const Jiffies interval{std::int64_t{config.dirty_writeback_centisecs} * config.hz / 100};
    machine_.sleep(task, interval.value > 0 ? interval : second);
    while (interval.value > 0 && !start(Job{.periodic = true})) machine_.sleep(task, second);
  }
}

}  // namespace numasim
