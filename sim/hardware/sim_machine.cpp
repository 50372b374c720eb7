#include "sim/hardware/sim_machine.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "allocator/check.hpp"
#include "sim/hardware/cycles.hpp"

namespace numasim {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// Daemons with timers (pdflush every five seconds) may rescue blocked tasks, or may turn for ever.
// Once all tasks have been blocked for this long, the daemons have had several chances.
constexpr SimDuration kDeadlockPatience = 120s;
constexpr SimDuration kDeadlockCheck = 10s;

void leave(Standing& standing) {
  WaitQueue::Waiters& waiters = standing.queue.waiters();
  if (standing.is_linked()) waiters.erase(waiters.iterator_to(standing));
}

std::vector<Scheduler::Place> places_of(const Platform& platform, Cycles context_switch) {
  std::vector<Scheduler::Place> places;
  for (std::uint16_t id = 0; id < platform.cpus(); ++id) {
    const std::int64_t ns = context_switch.value * kNanosecondsPerSecond / platform.hz(CpuId{id});
    places.push_back({platform.node_of(CpuId{id}), SimDuration{ns}});
  }
  return places;
}

/// What of `why` the CPU reads and what it writes.
Flow direction_of(Traffic why) {
  return why == Traffic::touch || why == Traffic::scan ? Flow::from_memory : Flow::to_memory;
}

/// Stands in the wait queue, and leaves it however the sleep ends.
class InQueue {
 public:
  explicit InQueue(Standing& standing) : standing_(standing) {
    standing_.queue.waiters().push_back(standing_);
    standing_.who.standing = &standing_;
  }
  ~InQueue() {
    standing_.who.standing = nullptr;
    leave(standing_);
  }
  InQueue(const InQueue&) = delete;
  InQueue& operator=(const InQueue&) = delete;

 private:
  Standing& standing_;
};

}  // namespace

SimMachine::SimMachine(const MachineConfig& config, int hz, Cycles context_switch,
                       const std::vector<std::string>& simgrid_arguments,
                       const SchedulerConfig& scheduler)
    : ticks_(hz),
      preemption_(scheduler.preemption),
      driver_(loop_, simgrid_arguments),
      platform_(driver_, config),
      scheduler_(loop_, places_of(platform_, context_switch), config, scheduler, ticks_),
      locks_(loop_, platform_, scheduler_),
      bus_(config.memory_bus, loop_, platform_, scheduler_),
      arrays_(config) {
  audience_.speaker.name = "blk";
  audience_.speaker.kernel_thread = true;
  audience_.speaker.in_interrupt = true;
  audience_.listener = &arrays_;
  for (const DiskConfig& disk : config.disks) {
    const DeviceId id{static_cast<std::uint16_t>(devices_.size())};
    devices_.push_back(std::make_unique<BlockDevice>(id, disk, hz, loop_, platform_, scheduler_,
                                                     *this, audience_));
  }
}

SimMachine::~SimMachine() { unwind_all(); }

void SimMachine::add_task(Task& task, std::function<void()> body, Daemon daemon) {
  MM_CHECK(task.cpu.value < platform_.cpus(), "cpu", task.cpu.value, "task", task.name);
  MM_CHECK(!task_by_id_.contains(task.id), "id", task.id.value, "task", task.name);
  SimTask& added = tasks_.emplace_back(loop_, task, daemon);
  added.set_body([this, &added, body = std::move(body)] {
    body();
    spend(added);
    ended(added);
  });
  added.rt_priority = task.realtime ? 1 : 0;
  added.preemptible = preemption_ == Preemption::anywhere;
  added.time_up = &alarms_.emplace_back([this, &added] { time_up(added); });
  task_by_id_[task.id] = &added;
  if (daemon == Daemon::no) ++tasks_left_;
  scheduler_.make_runnable(added);
}

SimTask& SimMachine::sim_task(TaskId id) const {
  const auto found = task_by_id_.find(id);
  MM_CHECK(found != task_by_id_.end(), "id", id.value);
  return *found->second;
}

void SimMachine::set_rt_priority(TaskId id, int priority) {
  scheduler_.set_rt_priority(sim_task(id), priority);
}

void SimMachine::allow_cpus(TaskId id, std::vector<CpuId> cpus) {
  scheduler_.allow(sim_task(id), std::move(cpus));
}

void SimMachine::ended(SimTask& task) {
  scheduler_.leave(task);
  for (const auto& device : devices_) device->task_ended(task.task.id);
  if (task.daemon == Daemon::yes || --tasks_left_ > 0) return;
  stopped_because_ = RunEnd::Why::finished;
  loop_.stop();
}

void SimMachine::every(SimDuration period, std::function<void()> callback) {
  MM_CHECK(period > SimDuration{0});
  engine::Alarm& alarm = alarms_.emplace_back(nullptr, engine::Alarm::Keeps::nothing_alive);
  alarm.on_ring([this, &alarm, period, callback = std::move(callback)] {
    loop_.set(alarm, loop_.now() + period);
    callback();
  });
  loop_.set(alarm, loop_.now() + period);
}

void SimMachine::at(SimTime date, std::function<void()> callback) {
  loop_.set(alarms_.emplace_back(std::move(callback)), date);
}

RunEnd SimMachine::run(std::optional<SimTime> limit) {
  engine::Alarm& limit_reached = alarms_.emplace_back(
      [this] {
        stopped_because_ = RunEnd::Why::time_limit;
        loop_.stop();
      },
      engine::Alarm::Keeps::nothing_alive);
  if (limit) loop_.set(limit_reached, *limit);
  every(kDeadlockCheck, [this] { watch_for_deadlock(); });
  if (tasks_left_ > 0) driver_.run();
  const RunEnd end = end_of_run();
  unwind_all();
  if (loop_.error()) std::rethrow_exception(loop_.error());
  return end;
}

RunEnd SimMachine::end_of_run() const {
  RunEnd end{RunEnd::Why::finished, loop_.now(), panic_, std::nullopt};
  if (tasks_left_ == 0) return end;
  if (stopped_because_) {
    end.why = *stopped_because_;
  } else {
    end.why = loop_.interrupted() ? RunEnd::Why::interrupted : RunEnd::Why::deadlock;
  }
  if (end.why == RunEnd::Why::deadlock) end.deadlock = report_deadlock();
  return end;
}

void SimMachine::watch_for_deadlock() {
  const SimTime now = loop_.now();
  for (const auto& device : devices_)
    if (device->queue().waiting() + device->queue().in_flight() > 0) return;
  for (const SimTask& task : tasks_) {
    if (task.daemon == Daemon::yes || task.ended()) continue;
    if (!task.waits_for_ever || now - task.clock.since() < kDeadlockPatience) return;
  }
  stopped_because_ = RunEnd::Why::deadlock;
  loop_.stop();
}

DeadlockReport SimMachine::report_deadlock() const {
  DeadlockReport report{loop_.now(), {}};
  for (const Daemon kind : {Daemon::no, Daemon::yes}) {
    for (const SimTask& task : tasks_) {
      if (task.ended() || task.daemon != kind) continue;
      report.sleepers.push_back({task.task.id, task.task.name, task.task.cpu,
                                 std::string(task.waits_for), task.clock.since(),
                                 kind == Daemon::yes});
    }
  }
  return report;
}

void SimMachine::unwind_all() {
  for (SimTask& task : tasks_) loop_.unwind(task);
}

TaskTimes SimMachine::times(TaskId id) const {
  return sim_task(id).clock.at(loop_.now());
}

// Machine: what never suspends.

void SimMachine::wake(Standing& sleeper) {
  sleeper.woken = true;
  SimTask& task = sleeper.who;
  if (task.clock.doing() != Doing::waiting) return;  // still paying for its work
  loop_.cancel(*task.time_up);
  scheduler_.make_runnable(task);
}

void SimMachine::wake_one(WaitQueue& queue) {
  if (queue.empty()) return;
  auto& sleeper = static_cast<Standing&>(queue.waiters().front());
  queue.waiters().pop_front();
  wake(sleeper);
}

void SimMachine::wake_all(WaitQueue& queue) {
  while (!queue.empty()) wake_one(queue);
}

bool SimMachine::is_congested(DeviceId device, IoDirection direction) const {
  return std::ranges::any_of(arrays_.disks_of(device), [&](DeviceId disk) {
    return devices_[disk.value]->queue().accounting().congested(direction);
  });
}

void SimMachine::unplug(DeviceId device) {
  for (const DeviceId disk : arrays_.disks_of(device)) devices_[disk.value]->unplug();
}

void SimMachine::kill(TaskId victim) {
  const auto found = task_by_id_.find(victim);
  if (found == task_by_id_.end() || found->second->ended()) return;
  SimTask& task = *found->second;
  task.task.killed = true;
  const bool waits = task.clock.doing() == Doing::waiting && task.standing;
  if (waits && task.standing->queue.is_interruptible()) return time_up(task);
  if (!task.may_be_interrupted) return;
  task.may_be_interrupted = false;
  loop_.cancel(*task.time_up);
  scheduler_.make_runnable(task);
}

Past SimMachine::past_of(const Task& task) const {
  const TaskTimes past = times(task.id);
  return {past.begin, past.running + past.memory};
}

// Machine: what may suspend.

SimTask& SimMachine::self(const Task& task) const {
  auto* running = static_cast<SimTask*>(loop_.current());
  MM_CHECK(running && &running->task == &task, "not the running task:", task.name);
  return *running;
}

SimDuration SimMachine::time_of(SimTask& task, Cycles work) const {
  const std::int64_t hz = platform_.hz(task.cpu->id);
  return numasim::time_of(work, hz, task.cycle_rest) * slowdown();
}

unsigned SimMachine::slowdown() const {
  return one_clock_ ? std::max(scheduler_.busy(), 1U) : 1U;
}

/// Work and locks in the order the core came to them; what it did after the last lock stays due.
void SimMachine::pass_locks(SimTask& task) {
  if (!task.task.meter.has_locked()) return;
  for (const CpuMeter::UnderLock& part : task.task.meter.take_locked()) {
    if (part.before.value > 0) scheduler_.occupy(task, time_of(task, part.before));
    locks_.pass(task, *part.lock, time_of(task, part.held));
  }
}

void SimMachine::spend(SimTask& task) {
  pass_locks(task);
  const Cycles work = task.task.meter.take();
  if (work.value > 0) scheduler_.occupy(task, time_of(task, work));
}

void SimMachine::cond_resched(Task& task) {
  if (preemption_ == Preemption::anywhere) return;  // it has made way already
  SimTask& worker = self(task);
  spend(worker);
  if (!worker.unwinding()) scheduler_.reschedule(worker);
}

void SimMachine::spend_in_user_mode(Task& task) {
  SimTask& worker = self(task);
  const bool in_kernel = std::exchange(worker.preemptible, true);
  spend(worker);
  worker.preemptible = in_kernel;
}

void SimMachine::sleep(Task& task, Jiffies ticks) {
  SimTask& sleeper = self(task);
  spend(sleeper);
  sleep_to(sleeper, ticks_.after(loop_.now(), ticks));
}

void SimMachine::sleep_until(Task& task, SimTime date) {
  SimTask& sleeper = self(task);
  spend(sleeper);
  if (date <= loop_.now() || task.killed) return;
  sleeper.may_be_interrupted = true;
  sleep_to(sleeper, date);
  sleeper.may_be_interrupted = false;
}

void SimMachine::sleep_to(SimTask& task, SimTime date) {
  if (task.unwinding()) return;
  task.waits_for = "sleep";
  loop_.set(*task.time_up, date);
  scheduler_.block(task, Doing::sleeping);
}

Machine::Wakeup SimMachine::wait(Task& task, WaitQueue& queue, Jiffies timeout) {
  return stand_in(self(task), queue, timeout);
}

void SimMachine::wait(Task& task, WaitQueue& queue) { stand_in(self(task), queue, std::nullopt); }

// The task stands in the queue before it pays for its work: a wake-up in between is not lost, as
// none is between prepare_to_wait() and schedule().
Machine::Wakeup SimMachine::stand_in(SimTask& task, WaitQueue& queue,
                                     std::optional<Jiffies> timeout) {
  if (task.unwinding()) return Wakeup::timed_out;
  Standing standing{task.task, queue, task};
  const InQueue in_queue{standing};
  spend(task);
  if (standing.woken) return Wakeup::woken;
  if (timeout) loop_.set(*task.time_up, ticks_.after(loop_.now(), *timeout));
  task.waits_for = queue.name();
  task.waits_for_ever = !timeout;
  scheduler_.block(task, Doing::waiting, queue.name());
  task.waits_for_ever = false;
  return standing.woken ? Wakeup::woken : Wakeup::timed_out;
}

/// A sleep's time has come: the task leaves its wait queue, so that no wake-up is spent on it.
void SimMachine::time_up(SimTask& task) {
  task.may_be_interrupted = false;
  if (task.standing) leave(*task.standing);
  scheduler_.make_runnable(task);
}

void SimMachine::touch(Task& task, NodeId node, Bytes length, Traffic why) {
  SimTask& toucher = self(task);
  if (length.value == 0) return spend(toucher);
  pass_locks(toucher);
  SimDuration work = time_of(toucher, task.meter.take());
  if (const unsigned slower = slowdown(); slower > 1) {
    const MemoryPath path = platform_.path(task.cpu, node);
    work += SimDuration{static_cast<std::int64_t>(length.value) * kNanosecondsPerSecond /
                        path.bytes_per_second * (slower - 1)};
  }
  bus_.touch(toucher, work, node, length, direction_of(why));
}

/// Nothing else happens: the task sleeps until it is unwound with all others.
void SimMachine::panic(Task& task, std::string_view why) {
  SimTask& last = self(task);
  spend(last);
  if (last.unwinding()) return;
  panic_ = why;
  stopped_because_ = RunEnd::Why::panic;
  loop_.stop();
  loop_.suspend();
}

void SimMachine::submit(Task& task, const Bio& bio) {
  SimTask& submitter = self(task);
  spend(submitter);
  if (!arrays_.has(bio.device)) return submit_to(bio.device, submitter, bio);
  for (const Raid0Arrays::Piece& piece : arrays_.split(bio))
    submit_to(piece.disk, submitter, piece.bio);
}

// __make_request of 2.6.24: merge, or get a request, sleeping for it if need be.
void SimMachine::submit_to(DeviceId disk, SimTask& submitter, const Bio& bio) {
  BlockDevice& device = *devices_[disk.value];
  locks_.pass(submitter, device.queue_lock(), device.queue_lock_hold());
  const Submitter by{submitter.task.id, submitter.task.nice};
  if (!device.merge(bio, by)) {
    while (!device.get_request(bio, by)) {
      device.unplug();
      stand_in(submitter, device.requests_freed(bio.direction), std::nullopt);
      device.slept_for_request(by.task);
    }
    device.add(bio, by);
  }
  if (bio.sync) device.unplug();
}

}  // namespace numasim
