#pragma once
// The pdflush threads: background writing when asked, and every five seconds what has been dirty
// for long (mm/pdflush.c, background_writeout and wb_kupdate of mm/page-writeback.c, 2.6.24).

#include <memory>
#include <optional>
#include <vector>

#include "allocator/congestion.hpp"
#include "allocator/inode_writeback.hpp"

namespace numasim {

/// Threads there may be at most; two of them at boot.
inline constexpr unsigned kMostPdflushThreads = 8;

class Pdflush {
 public:
  Pdflush(Memory& memory, Machine& machine, Congestion& congestion, DirtyAccounting& accounting,
          InodeWriteback& inodes);

  /// The body of the `index`-th thread; does not return. A thread that has not been started yet, or
  /// has gone, sleeps. Suspends.
  void run(Task& task, unsigned index);

  /// Asks for about so many pages to be written, and then for what is above the background limit.
  /// False: no thread was idle, the request is dropped (pdflush_operation).
  bool start_background_writeout(PageCount pages);
  /// wakeup_pdflush(): no pages means all that are dirty.
  void wakeup(PageCount pages);

  /// The timer of the periodic writing; does not return. Suspends.
  void run_timer(Task& task);

 private:
  struct Job {
    bool periodic = false;
    std::int64_t min_pages = 0;
  };
  struct Thread {
    bool exists = false;
    std::optional<Job> job;
    Jiffies idle_since{0};
    std::unique_ptr<WaitQueue> wait;
  };
  bool start(const Job& job);
  void go_idle(unsigned index);
  void adjust_pool(unsigned index);
  unsigned count() const;
  std::int64_t background_writeout(Task& task, std::int64_t min_pages);
  std::int64_t write_old(Task& task);
  Jiffies tenth_of_second() const { return Jiffies{memory_.config().hz / 10}; }

  Memory& memory_;
  Machine& machine_;
  Congestion& congestion_;
  DirtyAccounting& accounting_;
  InodeWriteback& inodes_;
  std::vector<Thread> threads_;
  std::vector<unsigned> idle_;  // the latest to go idle at the back
  Jiffies last_empty_{0};       // when the last idle thread was given work
  Jiffies next_periodic_{0};
};

}  // namespace numasim
