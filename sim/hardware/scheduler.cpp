#include "sim/hardware/scheduler.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {

Scheduler::Scheduler(engine::EventLoop& loop, const std::vector<Place>& cpus,
                     const MachineConfig& machine, const SchedulerConfig& config, Ticks ticks)
    : loop_(loop),
      config_(config),
      smt_share_percent_(machine.smt_share_percent),
      cpus_(cpus.size()),
      cpus_of_node_(machine.nodes.size()),
      ticks_(ticks),
      balance_tick_([this] { balance_on_tick(); }, engine::Alarm::Keeps::nothing_alive) {
  const auto threads = static_cast<std::size_t>(machine.threads_per_core);
  cores_.resize((cpus.size() + threads - 1) / threads);
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    Cpu& cpu = cpus_[i];
    cpu.id = CpuId{static_cast<std::uint16_t>(i)};
    cpu.node = cpus[i].node;
    cpu.context_switch = cpus[i].context_switch;
    cpu.core = static_cast<unsigned>(i / threads);
    cpu.changes_speed = threads > 1;
    cores_[cpu.core].cpus.push_back(&cpu);
    cpus_of_node_[cpu.node.value].push_back(&cpu);
  }
  plan_speeds(machine.cpu_speeds);
}

/// sched_slice(): the owner's part, by weight, of the time in which all run once.
SimDuration Scheduler::slice(const Cpu& cpu, const SimTask& owner) const {
  const auto tasks = static_cast<std::int64_t>(cpu.queue.size()) + 1;
  const SimDuration all = std::max(config_.latency, config_.min_granularity * tasks);
  const std::int64_t weight = weight_of(owner);
  return SimDuration{to_ns(all) * weight / (weight + cpu.queue.weight())};
}

/// SCHED_FIFO has no slices.
SimTime Scheduler::end_of_slice(const Cpu& cpu, const SimTask& owner) const {
  if (owner.rt_priority > 0) return SimTime::max();
  return cpu.slice_begin + slice(cpu, owner);
}

/// Adds to the owner's fair time what it has run since last booked (update_curr).
void Scheduler::book(Cpu& cpu) {
  const SimTime now = loop_.now();
  SimTask& owner = *cpu.owner;
  const SimDuration ran = now - cpu.picked_at;
  cpu.picked_at = now;
  if (owner.rt_priority > 0) return;
  owner.fair_runtime += ran * kNiceZeroWeight / weight_of(owner);
  SimDuration least = owner.fair_runtime;
  if (!cpu.queue.empty() && cpu.queue.first().rt_priority == 0)
    least = std::min(least, cpu.queue.first().fair_runtime);
  cpu.floor = std::max(cpu.floor, least);
}

void Scheduler::set_owner(Cpu& cpu, SimTask* task) {
  Core& core = cores_[cpu.core];
  const std::int64_t before = core.busy;
  core.busy += (task ? 1 : 0) - (cpu.owner ? 1 : 0);
  cpu.owner = task;
  if (core.busy != before && core.cpus.size() > 1) update_speeds(core);
}

void Scheduler::start(Cpu& cpu, SimTask& task, SimDuration delay) {
  const SimTime now = loop_.now();
  SimTime begin = std::max(now, cpu.interrupt_end) + delay;
  if (std::exchange(cpu.latest, &task) != &task) begin += cpu.context_switch;
  set_owner(cpu, &task);
  cpu.picked_at = now;
  cpu.slice_begin = begin;
  cpu.slice_end = end_of_slice(cpu, task);
  task.busy_until = begin;
  task.clock.turn_to(task.on_cpu, now);
  loop_.set(task, begin);
}

/// The CPU to run on: its own, if it may and that is idle or no other of the node is.
Cpu& Scheduler::choose_cpu(const SimTask& task) {
  Cpu& own = cpus_[task.task.cpu.value];
  if (task.allowed.empty()) return own;
  const bool may_stay = std::ranges::binary_search(task.allowed, own.id);
  if (may_stay && !own.owner) return own;
  for (const CpuId id : task.allowed)
    if (!cpus_[id.value].owner && cpus_[id.value].node == own.node) return cpus_[id.value];
  if (may_stay) return own;
  for (const CpuId id : task.allowed)
    if (!cpus_[id.value].owner) return cpus_[id.value];
  return cpus_[task.allowed.front().value];
}

void Scheduler::make_runnable(SimTask& task) { enqueue_on(choose_cpu(task), task); }

void Scheduler::enqueue_on(Cpu& cpu, SimTask& task) {
  if (task.cpu != &cpu) task.fair_runtime = cpu.floor;
  task.clock.turn_to(Doing::runnable, loop_.now());
  // A long sleep earns no more than this ahead of the others (place_entity).
  task.fair_runtime = std::max(task.fair_runtime, cpu.floor - config_.latency);
  take_in(cpu, task, config_.idle_wakeup);
}

/// `delay`: until it runs, if the CPU is idle.
void Scheduler::take_in(Cpu& cpu, SimTask& task, SimDuration delay) {
  task.must_move = false;
  task.task.cpu = cpu.id;
  task.cpu = &cpu;
  if (cpu.owner) {
    welcome(cpu, task);
  } else {
    start(cpu, task, delay);
  }
}

/// check_preempt_wakeup().
bool Scheduler::preempts(const SimTask& woken, const SimTask& owner) const {
  if (woken.rt_priority > 0 || owner.rt_priority > 0) return woken.rt_priority > owner.rt_priority;
  const SimDuration granularity = config_.wakeup_granularity * kNiceZeroWeight / weight_of(owner);
  return woken.fair_runtime + granularity < owner.fair_runtime;
}

/// A woken task finds its CPU taken: it queues, and the owner's slice ends in time for it.
void Scheduler::welcome(Cpu& cpu, SimTask& task) {
  book(cpu);
  cpu.queue.add(task);
  expect_balancing(task);
  SimTask& owner = *cpu.owner;
  const SimTime soonest = std::max(loop_.now(), cpu.interrupt_end);
  cpu.slice_end =
      preempts(task, owner) ? soonest : std::max(soonest, end_of_slice(cpu, owner));
  if (!owner.is_set() || !owner.preemptible || owner.busy_until <= cpu.slice_end) return;
  owner.busy_until = cpu.slice_end;
  loop_.set(owner, cpu.slice_end);
}

void Scheduler::allow(SimTask& task, std::vector<CpuId> cpus) {
  MM_CHECK(!cpus.empty(), "task", task.task.name);
  task.allowed = std::move(cpus);
  if (!task.cpu) return;
  Cpu& cpu = *task.cpu;
  if (cpu.owner == &task) {
    if (std::ranges::binary_search(task.allowed, cpu.id)) return;
    task.must_move = true;
    if (!task.is_set() || !task.preemptible) return;  // stalls on memory, or asks for itself
    task.busy_until = std::max(loop_.now(), cpu.interrupt_end);
    loop_.set(task, task.busy_until);
  } else if (task.clock.doing() == Doing::runnable) {
    if (&choose_cpu(task) == &cpu) return expect_balancing(task);
    cpu.queue.remove(task);
    make_runnable(task);
  }
}

void Scheduler::set_rt_priority(SimTask& task, int priority) {
  Cpu* cpu = task.cpu;
  const bool owns = cpu && cpu->owner == &task;
  const bool queued = cpu && !owns && task.clock.doing() == Doing::runnable;
  if (queued) cpu->queue.remove(task);
  if (owns) book(*cpu);
  task.rt_priority = priority;
  if (queued) welcome(*cpu, task);
  if (owns) cpu->slice_end = end_of_slice(*cpu, task);
}

SimTime Scheduler::interrupt(CpuId id, SimDuration work) {
  Cpu& cpu = cpus_[id.value];
  cpu.interrupt_end = std::max(cpu.interrupt_end, loop_.now()) + work;
  if (cpu.owner && cpu.owner->is_set()) {  // at work, not stalled on memory
    SimTask& owner = *cpu.owner;
    owner.interrupted_for += work;
    owner.busy_until += work;
    loop_.set(owner, owner.busy_until);
  }
  return cpu.interrupt_end;
}

void Scheduler::occupy_slowly(SimTask& self, SimDuration work, SimDuration fixed) {
  const SimDuration interrupted = std::exchange(self.interrupted_for, SimDuration{0});
  if (!self.cpu->changes_speed) return occupy_at_clock(self, work + fixed + interrupted);
  occupy_at_speed(self, work);
  occupy_at_clock(self, fixed);
}

void Scheduler::occupy_at_clock(SimTask& self, SimDuration work) {
  while (work > SimDuration{0} && !self.unwinding()) {
    make_way(self);
    const SimTime begin = loop_.now();
    const SimDuration until_slice_end = self.cpu->slice_end - begin;
    const SimDuration step = makes_way_at_slice_end(self) ? std::min(work, until_slice_end) : work;
    self.busy_until = begin + step;
    loop_.advance(step);
    work -= loop_.now() - begin - std::exchange(self.interrupted_for, SimDuration{0});
  }
}

void Scheduler::keep_cpu(SimTask& self, SimTime until) {
  self.busy_until = until;
  while (loop_.now() < until + self.interrupted_for && !self.unwinding())
    loop_.advance(until + self.interrupted_for - loop_.now());
  self.interrupted_for = SimDuration{0};
}

/// The slice is over: whoever has used least runs next, maybe the same task again.
void Scheduler::take_turns(SimTask& self) {
  Cpu& cpu = *self.cpu;
  book(cpu);
  if (self.rt_priority > 0) {
    cpu.queue.put_back(self);  // pushed aside by a higher priority: still first of its own
  } else {
    cpu.queue.add(self);
  }
  self.clock.turn_to(Doing::runnable, loop_.now());
  expect_balancing(self);
  start(cpu, cpu.queue.take_first());
  loop_.suspend();
}

/// To a CPU that it may use (migration_thread).
void Scheduler::move_away(SimTask& self) {
  release(self);
  make_runnable(self);
  loop_.suspend();
}

void Scheduler::release(SimTask& self) {
  Cpu& cpu = *self.cpu;
  MM_CHECK(cpu.owner == &self, "task", self.task.name);
  book(cpu);
  if (cpu.queue.empty()) {
    set_owner(cpu, nullptr);
    balance_idle(cpu);
  } else {
    start(cpu, cpu.queue.take_first());
  }
}

void Scheduler::block(SimTask& self, Doing what, std::string_view queue) {
  release(self);
  self.clock.turn_to(what, loop_.now(), queue);
  loop_.suspend();
}

void Scheduler::turn_to(SimTask& self, Doing what) {
  self.on_cpu = what;
  self.clock.turn_to(what, loop_.now());
}

void Scheduler::leave(SimTask& self) {
  self.clock.end(loop_.now());
  release(self);
}

}  // namespace numasim
