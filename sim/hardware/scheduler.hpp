#pragma once
// The CPUs and who runs on them. A CPU runs one task at a time; tasks on the same CPU take turns,
// fairly by the CPU time they have used and the weight of their nice level.
//
// After CFS of Linux 2.6.24 (kernel/sched_fair.c): the runnable task with the least used time runs;
// a task that wakes is credited some sleep and takes the CPU at once if it is far enough behind the
// one that runs, so that kswapd gets in quickly beside a busy task. Real-time tasks (SCHED_FIFO) go
// before all others and run until they sleep. Interrupts come first: their work delays whoever has
// the CPU.
//
// CPUs that share a core slow each other down while both have a task, and a CPU's speed may change
// with time: work takes longer on a slower CPU, time on the memory buses does not.
//
// In the kernel a task makes way wherever it spends time, or, with Preemption::none, where it calls
// cond_resched() and on its way back to user mode.
//
// A task that may use several CPUs and finds its own taken when it wakes goes to the first idle one
// of the same node; while it waits, a CPU with less to do may take it over (load_balance.cpp).
//
// Differs from Linux: slices end to the nanosecond and not on a tick; a CPU takes over one task at
// a time, however warm its cache is elsewhere.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/ticks.hpp"
#include "allocator/units.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/hardware/run_queue.hpp"
#include "sim/hardware/sim_task.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

/// Parts of a CPU's clock.
inline constexpr std::int64_t kFullSpeed = 10'000;

struct Cpu {
  CpuId id;
  NodeId node;
  unsigned core = 0;
  SimTask* owner = nullptr;  // runs, or stalls on memory
  RunQueue queue;            // would like to
  SimTime picked_at{};       // when the owner's time was last booked
  SimTime slice_begin{};
  SimTime slice_end{};   // the owner makes way here if the queue is not empty
  SimDuration floor{0};  // fair time that newcomers start from; never goes back
  const SimTask* latest = nullptr;  // who had it last
  SimTime interrupt_end{};          // until then it is busy with interrupts
  SimDuration context_switch{0};
  bool changes_speed = false;       // work on it cannot be reckoned in advance
  std::int64_t percent = 100;       // speed of its own
  std::int64_t speed = kFullSpeed;  // with what its siblings leave it
};

class Scheduler {
 public:
  /// Where a CPU is and what it spends on turning to another task.
  struct Place {
    NodeId node;
    SimDuration context_switch{0};
  };
  Scheduler(engine::EventLoop& loop, const std::vector<Place>& cpus, const MachineConfig& machine,
            const SchedulerConfig& config, Ticks ticks);

  /// CPUs that are at work now.
  unsigned busy() const {
    return static_cast<unsigned>(
        std::count_if(cpus_.begin(), cpus_.end(), [](const Cpu& cpu) { return cpu.owner; }));
  }

  /// The task wants a CPU: it runs now, or queues for it.
  void make_runnable(SimTask& task);
  /// The CPUs the task may use, ascending, at least one (set_cpus_allowed). It leaves one that is
  /// not among them as soon as it can: at once if it waits for it, else when it next works.
  void allow(SimTask& task, std::vector<CpuId> cpus);
  /// SCHED_FIFO at 1 to 99, or 0 to share its CPU fairly (sched_setscheduler).
  void set_rt_priority(SimTask& task, int priority);
  /// Keeps a CPU busy with interrupt work, after what it has of it already. Returns when the work
  /// ends; what the interrupt brings about comes then.
  SimTime interrupt(CpuId cpu, SimDuration work);

  // For the running task.

  /// Works for `work` of CPU time and then for `fixed`, which no speed stretches; longer on the
  /// clock if others want the CPU.
  void occupy(SimTask& self, SimDuration work, SimDuration fixed = SimDuration{0}) {
    if (self.cpu->queue.empty() && !self.cpu->changes_speed && !self.must_move) [[likely]] {
      const SimTime end = loop_.now() + work + fixed;
      self.busy_until = end;
      loop_.advance(work + fixed);
      if (loop_.now() == end) [[likely]]
        return;
      work = end - loop_.now();
      fixed = SimDuration{0};
    }
    occupy_slowly(self, work, fixed);
  }
  /// The same for time that no speed stretches.
  void occupy_in_time(SimTask& self, SimDuration fixed) { occupy(self, SimDuration{0}, fixed); }
  /// Works to that date with preemption off: nobody but interrupts gets in, and those make it last
  /// longer.
  void keep_cpu(SimTask& self, SimTime until);
  /// Lets another task have the CPU if its turn has come, unless it must not be preempted here.
  void make_way(SimTask& self) {
    if (self.preemptible) reschedule(self);
  }
  /// The same, wherever it is (schedule() with TIF_NEED_RESCHED).
  void reschedule(SimTask& self) {
    if (self.must_move) move_away(self);
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
  struct Core {
    std::vector<Cpu*> cpus;
    std::int64_t busy = 0;
  };

  bool makes_way_at_slice_end(const SimTask& self) const {
    return self.preemptible && !self.cpu->queue.empty();
  }
  void occupy_slowly(SimTask& self, SimDuration work, SimDuration fixed);
  void occupy_at_clock(SimTask& self, SimDuration work);
  void occupy_at_speed(SimTask& self, SimDuration time);
  void take_turns(SimTask& self);
  void move_away(SimTask& self);
  void release(SimTask& self);
  void book(Cpu& cpu);
  void start(Cpu& cpu, SimTask& task, SimDuration delay = SimDuration{0});
  void set_owner(Cpu& cpu, SimTask* task);
  void welcome(Cpu& cpu, SimTask& task);
  void enqueue_on(Cpu& cpu, SimTask& task);
  Cpu& choose_cpu(const SimTask& task);
  bool preempts(const SimTask& woken, const SimTask& owner) const;
  SimDuration slice(const Cpu& cpu, const SimTask& owner) const;
  SimTime end_of_slice(const Cpu& cpu, const SimTask& owner) const;

  // load_balance.cpp: from one CPU to another.
  static std::int64_t load(const Cpu& cpu);
  void expect_balancing(const SimTask& queued);
  void balance_idle(Cpu& idle);
  void balance_on_tick();
  void pull(Cpu& to, const std::vector<Cpu*>& others);
  void take_in(Cpu& cpu, SimTask& task, SimDuration delay = SimDuration{0});

  // Speed.
  void plan_speeds(const std::vector<CpuSpeed>& steps);
  void update_speeds(Core& core);
  void set_speed(Cpu& cpu, std::int64_t speed);
  void settle(SimTask& owner);

  engine::EventLoop& loop_;
  SchedulerConfig config_;
  std::int64_t smt_share_percent_;
  std::vector<Cpu> cpus_;
  std::vector<Core> cores_;
  std::vector<std::vector<Cpu*>> cpus_of_node_;
  Ticks ticks_;
  engine::Alarm balance_tick_;
  std::deque<engine::Alarm> speed_steps_;
};

}  // namespace numasim
