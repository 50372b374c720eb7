#pragma once
// A task of the core as the machine runs it: a fiber with a place on a CPU.

#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "allocator/machine.hpp"
#include "allocator/task.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/hardware/task_times.hpp"

namespace numasim {

/// The run ends when all tasks have ended; daemons are dropped then.
enum class Daemon : bool { no, yes };

struct Cpu;
struct SimTask;

/// A task's place in a wait queue of the core.
struct Standing : WaitQueue::Waiter {
  Standing(Task& task, WaitQueue& in, SimTask& sleeper) : Waiter(task), queue(in), who(sleeper) {}
  WaitQueue& queue;
  SimTask& who;
};

struct SimTask : engine::LoopFiber, boost::intrusive::set_base_hook<> {
  SimTask(engine::EventLoop& loop, Task& of, Daemon is_daemon)
      : LoopFiber(loop), task(of), daemon(is_daemon), clock(loop.now()) {}

  Task& task;
  Daemon daemon;
  TaskClock clock;
  std::int64_t cycle_rest = 0;  // work not yet turned into whole nanoseconds, in 1e-9 cycles

  // On its CPU.
  Cpu* cpu = nullptr;             // where it ran last
  Doing on_cpu = Doing::running;  // what it does there
  SimDuration fair_runtime{0};    // CPU time used, as its CPU's run queue counts it
  std::uint64_t arrival = 0;      // order of arrival in the run queue
  SimTime busy_until{};           // end of the work it is at
  SimDuration interrupted_for{0};  // interrupts that came into that work
  int rt_priority = 0;             // SCHED_FIFO: 1 to 99; 0: shares its CPU fairly
  std::int64_t queued_weight = 0;  // what its run queue counts it for
  std::vector<CpuId> allowed;      // CPUs it may use, ascending; none: the one it is on
  bool must_move = false;          // is on one that it may not use any more
  bool preemptible = true;         // makes way wherever it spends time

  /// Work on a CPU whose speed may change, in 1e-4 ns of its full speed, and what was done of it up
  /// to `since`.
  struct Paced {
    SimTime since{};
    std::int64_t work = 0;
    std::int64_t done = 0;
  };
  std::optional<Paced> paced;
  std::int64_t pace_credit = 0;  // done beyond the end of the work before, less than 1 ns

  // Asleep.
  Standing* standing = nullptr;      // in a wait queue
  engine::Alarm* time_up = nullptr;  // ends its sleep; lives as long as the run
  std::string_view waits_for;        // name of the wait queue, or "sleep"
  bool may_be_interrupted = false;   // a kill ends the sleep
  bool waits_for_ever = false;       // no timeout
};

}  // namespace numasim
