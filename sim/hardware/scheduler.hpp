#pragma once
// The CPUs and who runs on them. A CPU runs one task at a time; tasks pinned on the same CPU take
// turns, fairly by the CPU time they have used.
//
// After CFS of Linux 2.6.24 (kernel/sched_fair.c), reduced to one weight: the runnable task with
// the least used time runs; a task that wakes is credited some sleep and takes the CPU at once if
// it is far enough behind the one that runs, so that kswapd gets in quickly beside a busy task.
// Interrupts come first: their work delays whoever has the CPU.
//
// Differs from Linux: a task may be interrupted in kernel work too, wherever it spends time; no
// priorities; tasks stay on their CPU.

#include <algorithm>
#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/units.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/hardware/sim_task.hpp"

namespace numasim {

/// Runnable tasks of one CPU, the one that should run next in front.
class RunQueue {
 public:
  bool empty() const { return tasks_.empty(); }
  std::size_t size() const { return tasks_.size(); }
  const SimTask& first() const { return *tasks_.begin(); }
  void add(SimTask& task);
  SimTask& take_first();

 private:
  struct Less {
    bool operator()(const SimTask& a, const SimTask& b) const {
      return std::pair(a.fair_runtime, a.arrival) < std::pair(b.fair_runtime, b.arrival);
    }
  };
  boost::intrusive::set<SimTask, boost::intrusive::compare<Less>> tasks_;
  std::uint64_t last_arrival_ = 0;
};

struct Cpu {
  CpuId id;
  SimTask* owner = nullptr;  // runs, or stalls on memory
  RunQueue queue;            // would like to
  SimTime picked_at{};       // when the owner's time was last booked
  SimTime slice_begin{};
  SimTime slice_end{};   // the owner makes way here if the queue is not empty
  SimDuration floor{0};  // fair time that newcomers start from; never goes back
  const SimTask* latest = nullptr;  // who had it last
  SimTime interrupt_end{};          // until then it is busy with interrupts
};

class Scheduler {
 public:
  /// `context_switch`: what a CPU spends on turning to another task.
  Scheduler(engine::EventLoop& loop, unsigned cpus, SimDuration context_switch);

  /// CPUs that are at work now.
  unsigned busy() const {
    return static_cast<unsigned>(
        std::count_if(cpus_.begin(), cpus_.end(), [](const Cpu& cpu) { return cpu.owner; }));
  }

  /// The task wants its CPU: it runs now, or queues for it.
  void make_runnable(SimTask& task);
  /// Keeps a CPU busy with interrupt work, after what it has of it already. Returns when the work
  /// ends; what the interrupt brings about comes then.
  SimTime interrupt(CpuId cpu, SimDuration work);

  // For the running task.

  /// Works for `work` of CPU time; longer on the clock if others want the CPU.
  void occupy(SimTask& self, SimDuration work) {
    const SimTime end = loop_.now() + work;
    if (self.cpu->queue.empty()) [[likely]] {
      self.busy_until = end;
      loop_.advance(work);
      if (loop_.now() == end) [[likely]]
        return;
    }
    occupy_slowly(self, end - loop_.now() + std::exchange(self.interrupted_for, SimDuration{0}));
  }
  /// Lets another task have the CPU if its turn has come.
  void make_way(SimTask& self) {
    if (!self.cpu->queue.empty() && loop_.now() >= self.cpu->slice_end) take_turns(self);
  }
  /// Gives the CPU away and sleeps until made runnable, and until the CPU is its again.
  void block(SimTask& self, Doing what, std::string_view queue = {});
  /// Waits for somebody to loop.set() it, without giving the CPU away (a memory stall).
  void stall() { loop_.suspend(); }
  /// What it does on the CPU from now on.
  void turn_to(SimTask& self, Doing what);
  /// Ended: gives the CPU away.
  void leave(SimTask& self);

 private:
  void occupy_slowly(SimTask& self, SimDuration work);
  void take_turns(SimTask& self);
  void release(SimTask& self);
  void book(Cpu& cpu);
  void start(Cpu& cpu, SimTask& task);
  void welcome(Cpu& cpu, SimTask& task);
  SimDuration slice(const Cpu& cpu) const;

  engine::EventLoop& loop_;
  SimDuration context_switch_;
  std::vector<Cpu> cpus_;
};

}  // namespace numasim
