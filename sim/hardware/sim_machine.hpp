#pragma once
// The Machine on SimGrid: tasks as fibers on simulated CPUs, memory buses, block devices.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "allocator/machine.hpp"
#include "allocator/observer.hpp"
#include "allocator/ticks.hpp"
#include "sim/engine/event_loop.hpp"
#include "sim/engine/simgrid_driver.hpp"
#include "sim/hardware/block_device.hpp"
#include "sim/hardware/lock_server.hpp"
#include "sim/hardware/memory_bus.hpp"
#include "sim/hardware/platform.hpp"
#include "sim/hardware/run_end.hpp"
#include "sim/hardware/raid0.hpp"
#include "sim/hardware/scheduler.hpp"
#include "sim/hardware/sim_task.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

/// One in a process, for one run: SimGrid's engine is a singleton.
///
/// Order is exact: whatever happens, happens by date, and at one date in the order it was caused.
/// Waits end on kernel ticks, as timers of 2.6.24 do. All sleeps but sleep_until() are
/// uninterruptible: kill() ends only those.
class SimMachine final : public Machine {
 public:
  /// `context_switch`: what a CPU spends on turning to another task. `simgrid_arguments`: SimGrid's
  /// own options, for debugging ("--log=...", "--cfg=...").
  SimMachine(const MachineConfig& config, int hz, Cycles context_switch = Cycles{0},
             const std::vector<std::string>& simgrid_arguments = {},
             const SchedulerConfig& scheduler = {});
  ~SimMachine() override;

  // For the runner, before and during the run.

  /// Starts `body` as a task on task.cpu, now. `task` and all that `body` uses must live until
  /// run() returns. Ids are unique. A change of task.cpu takes effect at its next sleep.
  void add_task(Task& task, std::function<void()> body, Daemon daemon = Daemon::no);
  /// SCHED_FIFO at this priority, 1 to 99; 0: shares its CPU fairly. A task that is `realtime` when
  /// it is added has 1.
  void set_rt_priority(TaskId id, int priority);
  /// The CPUs the task may use from now on; see Scheduler::allow. By default only the one it is on.
  void allow_cpus(TaskId id, std::vector<CpuId> cpus);
  void set_listener(BlockListener* listener) { arrays_.set_listener(listener); }
  /// Tells the devices' congestion to `steps`, in the name of a task "blk" with id 0.
  void observe(const Steps* steps) { audience_.steps = steps; }
  /// All CPUs take turns at one instruction clock from now on, as on an emulator with one thread:
  /// n busy CPUs run at an n-th of their speed each. Work that has begun keeps its speed.
  void share_one_clock() { one_clock_ = true; }
  /// Makes every happening a step of SimGrid of its own (EventLoop::step_by_step). Before run().
  void step_by_step() { loop_.step_by_step(); }
  /// Calls back every `period`, first one period from now. Does not keep the run alive.
  void every(SimDuration period, std::function<void()> callback);
  /// Calls back once. Keeps the run alive.
  void at(SimTime date, std::function<void()> callback);

  /// Runs until every task that is no daemon has ended, or to the limit. What still sleeps is
  /// unwound: destructors run, nothing else. Once only.
  /// Throws what a task's body threw.
  RunEnd run(std::optional<SimTime> limit = std::nullopt);
  /// Ends the run soon and cleanly. May be called from a signal handler.
  void interrupt() { loop_.interrupt(); }

  // For whoever reports.

  unsigned cpus() const { return platform_.cpus(); }
  NodeId node_of(CpuId cpu) const { return platform_.node_of(cpu); }
  unsigned devices() const { return static_cast<unsigned>(devices_.size()); }
  const BlockDevice& device(DeviceId id) const { return *devices_[id.value]; }
  const MemoryBus& memory_bus() const { return bus_; }
  /// Turns the work on the meter of the running task into time in which it may be preempted
  /// anywhere, whatever the kernel is. Suspends.
  void spend_in_user_mode(Task& task);
  /// In the order they were added.
  const std::deque<SimTask>& tasks() const { return tasks_; }
  /// Requires: a task of that id was added.
  TaskTimes times(TaskId id) const;

  // Machine.

  SimTime now() const override { return loop_.now(); }
  Jiffies jiffies() const override { return ticks_.at(loop_.now()); }
  void wake_one(WaitQueue& queue) override;
  void wake_all(WaitQueue& queue) override;
  bool is_congested(DeviceId device, IoDirection direction) const override;
  void unplug(DeviceId device) override;
  void kill(TaskId victim) override;
  Past past_of(const Task& task) const override;

  void cond_resched(Task& task) override;
  void spend(Task& task) override { spend(self(task)); }
  void sleep(Task& task, Jiffies ticks) override;
  void sleep_until(Task& task, SimTime date) override;
  Wakeup wait(Task& task, WaitQueue& queue, Jiffies timeout) override;
  void wait(Task& task, WaitQueue& queue) override;
  void touch(Task& task, NodeId node, Bytes length, Traffic why) override;
  void submit(Task& task, const Bio& bio) override;
  void panic(Task& task, std::string_view why) override;

 private:
  SimTask& self(const Task& task) const;
  SimTask& sim_task(TaskId id) const;
  void spend(SimTask& task);
  void pass_locks(SimTask& task);
  SimDuration time_of(SimTask& task, Cycles work) const;
  unsigned slowdown() const;
  void submit_to(DeviceId disk, SimTask& submitter, const Bio& bio);
  Wakeup stand_in(SimTask& task, WaitQueue& queue, std::optional<Jiffies> timeout);
  void sleep_to(SimTask& task, SimTime date);
  void wake(Standing& sleeper);
  void time_up(SimTask& task);
  void ended(SimTask& task);
  void watch_for_deadlock();
  DeadlockReport report_deadlock() const;
  RunEnd end_of_run() const;
  void unwind_all();

  Ticks ticks_;
  Preemption preemption_;
  bool one_clock_ = false;
  engine::EventLoop loop_;
  engine::SimGridDriver driver_;
  Platform platform_;
  std::deque<SimTask> tasks_;
  std::map<TaskId, SimTask*> task_by_id_;
  std::deque<engine::Alarm> alarms_;
  Scheduler scheduler_;
  LockServer locks_;
  MemoryBus bus_;
  Raid0Arrays arrays_;
  BlockAudience audience_;
  std::vector<std::unique_ptr<BlockDevice>> devices_;
  std::int64_t tasks_left_ = 0;  // no daemons
  std::optional<RunEnd::Why> stopped_because_;
  std::string panic_;
};

}  // namespace numasim
