#pragma once
// The OOM killer: which task dies (mm/oom_kill.c of 2.6.24; where 2.6.22 differs, a named switch
// says so).
// Differs from Linux: no notifiers are asked before; a victim gets no longer time slice.

#include <string_view>
#include <vector>

#include "allocator/address_space.hpp"
#include "allocator/memory.hpp"

namespace numasim {

/// int_sqrt of the badness formula: the largest n with n * n <= x.
std::uint64_t rounded_down_sqrt(std::uint64_t x);

class OomKiller {
 public:
  OomKiller(Memory& memory, Machine& machine) : memory_(memory), machine_(machine) {}

  /// Tasks in the order of the task list. They must outlive their entry.
  void add(Task& task) { tasks_.push_back(&task); }
  const std::vector<Task*>& tasks() const { return tasks_; }
  /// Its children are init's from then on.
  void remove(Task& task);

  /// out_of_memory(): kills whom the constraint of the request makes it kill, unless a victim is
  /// still dying; then the caller sleeps a tick. Panics where Linux does. Suspends.
  void out_of_memory(Task& task, const Zonelist& zonelist, Gfp gfp, Order order);

  /// badness(): how much a task deserves to die when `current` asks.
  std::uint64_t badness(const Task& current, const Task& candidate) const;
  /// True while another task uses the same address space.
  bool shares_memory(const Task& task, const AddressSpace& mm) const;
  std::int64_t kills() const { return kills_; }

 private:
  struct Choice {
    Task* victim = nullptr;  // none: nobody is left to kill
    std::uint64_t points = 0;
    bool somebody_is_dying = false;
  };
  /// What could not be met.
  struct Request {
    const Zonelist& zonelist;
    Gfp gfp;
    Order order;
  };
  enum class Outcome : std::uint8_t { killed, refused };

  void kill_somebody(Task& task, const Request& request);
  void kill_worst_task(Task& task, const Request& request);
  Choice select_bad_process(const Task& current) const;
  Outcome oom_kill_process(const Task& by, Task& victim, std::uint64_t points);
  Outcome oom_kill_task(const Task& by, Task& victim, const Task& chosen, std::uint64_t points);
  void mark(Task& victim);
  void force_kill(Task& task);
  std::vector<Task*> children_of(const Task& parent) const;
  bool nodes_disjoint(const Task& current, const Task& candidate) const;
  void panic(Task& task, std::string_view why, const Request& request);

  Memory& memory_;
  Machine& machine_;
  std::vector<Task*> tasks_;
  std::int64_t kills_ = 0;
};

}  // namespace numasim
