#pragma once
// The OOM killer: which task dies (mm/oom_kill.c of 2.6.24).
// Differs from Linux: badness is the virtual size scaled by oom_adj; no children, run time, nice
// or capabilities; the constraint of the allocation is not looked at.

#include <optional>
#include <vector>

#include "allocator/address_space.hpp"
#include "allocator/memory.hpp"

namespace numasim {

class OomKiller {
 public:
  OomKiller(Memory& memory, Machine& machine) : memory_(memory), machine_(machine) {}

  /// Tasks in the order of the task list. They must outlive their entry.
  void add(Task& task) { tasks_.push_back(&task); }
  void remove(Task& task);

  /// out_of_memory(): picks the worst task and marks it, unless one is still dying; then the
  /// caller sleeps a tick. Suspends.
  void out_of_memory(Task& task, Gfp gfp, Order order);

  /// How much a task deserves to die, in pages of its address space.
  static std::uint64_t badness(const Task& task);
  std::int64_t kills() const { return kills_; }
  /// True once nobody is left to kill: the kernel would have panicked.
  bool panicked() const { return panicked_; }

 private:
  struct Choice {
    Task* victim = nullptr;
    std::uint64_t points = 0;
    bool somebody_is_dying = false;
  };
  Choice select_bad_process() const;

  Memory& memory_;
  Machine& machine_;
  std::vector<Task*> tasks_;
  std::int64_t kills_ = 0;
  bool panicked_ = false;
};

}  // namespace numasim
