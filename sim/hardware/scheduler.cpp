#include "sim/hardware/scheduler.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {
namespace {

using namespace std::chrono_literals;

// The defaults of 2.6.24 for one CPU.
constexpr SimDuration kLatency = 20ms;            // sched_latency: all have run once in it ...
constexpr SimDuration kShortestSlice = 4ms;       // ... but none shorter than this
constexpr SimDuration kWakeupGranularity = 10ms;  // a woken task preempts if so far behind

}  // namespace

void RunQueue::add(SimTask& task) {
  task.arrival = ++last_arrival_;
  tasks_.insert(task);
}

SimTask& RunQueue::take_first() {
  SimTask& task = *tasks_.begin();
  tasks_.erase(tasks_.begin());
  return task;
}

Scheduler::Scheduler(engine::EventLoop& loop, unsigned cpus, SimDuration context_switch)
    : loop_(loop), context_switch_(context_switch), cpus_(cpus) {
  for (unsigned cpu = 0; cpu < cpus; ++cpu) cpus_[cpu].id = CpuId{static_cast<std::uint16_t>(cpu)};
}

SimDuration Scheduler::slice(const Cpu& cpu) const {
  const auto tasks = static_cast<std::int64_t>(cpu.queue.size()) + 1;
  return std::max(kShortestSlice, kLatency / tasks);
}

/// Adds to the owner's fair time what it has run since last booked.
void Scheduler::book(Cpu& cpu) {
  const SimTime now = loop_.now();
  cpu.owner->fair_runtime += now - cpu.picked_at;
  cpu.picked_at = now;
  SimDuration least = cpu.owner->fair_runtime;
  if (!cpu.queue.empty()) least = std::min(least, cpu.queue.first().fair_runtime);
  cpu.floor = std::max(cpu.floor, least);
}

void Scheduler::start(Cpu& cpu, SimTask& task) {
  const SimTime now = loop_.now();
  SimTime begin = std::max(now, cpu.interrupt_end);
  if (std::exchange(cpu.latest, &task) != &task) begin += context_switch_;
  cpu.owner = &task;
  cpu.picked_at = now;
  cpu.slice_begin = begin;
  cpu.slice_end = begin + slice(cpu);
  task.busy_until = begin;
  task.clock.turn_to(task.on_cpu, now);
  loop_.set(task, begin);
}

void Scheduler::make_runnable(SimTask& task) {
  Cpu& cpu = cpus_[task.task.cpu.value];
  if (task.cpu != &cpu) task.fair_runtime = cpu.floor;
  task.cpu = &cpu;
  task.clock.turn_to(Doing::runnable, loop_.now());
  // A long sleep earns no more than this ahead of the others (place_entity).
  task.fair_runtime = std::max(task.fair_runtime, cpu.floor - kLatency);
  if (cpu.owner) {
    welcome(cpu, task);
  } else {
    start(cpu, task);
  }
}

/// A woken task finds its CPU taken: it queues, and the owner's slice ends in time for it.
void Scheduler::welcome(Cpu& cpu, SimTask& task) {
  book(cpu);
  cpu.queue.add(task);
  const SimTime now = loop_.now();
  const bool preempts = task.fair_runtime + kWakeupGranularity < cpu.owner->fair_runtime;
  const SimTime soonest = std::max(now, cpu.interrupt_end);
  cpu.slice_end = preempts ? soonest : std::max(soonest, cpu.slice_begin + slice(cpu));
  SimTask& owner = *cpu.owner;
  if (!owner.is_set() || owner.busy_until <= cpu.slice_end) return;
  owner.busy_until = cpu.slice_end;
  loop_.set(owner, cpu.slice_end);
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

void Scheduler::occupy_slowly(SimTask& self, SimDuration work) {
  while (work > SimDuration{0} && !self.unwinding()) {
    make_way(self);
    const SimTime begin = loop_.now();
    const SimDuration until_slice_end = self.cpu->slice_end - begin;
    const SimDuration step = self.cpu->queue.empty() ? work : std::min(work, until_slice_end);
    self.busy_until = begin + step;
    loop_.advance(step);
    work -= loop_.now() - begin - std::exchange(self.interrupted_for, SimDuration{0});
  }
}

/// The slice is over: whoever has used least runs next, maybe the same task again.
void Scheduler::take_turns(SimTask& self) {
  Cpu& cpu = *self.cpu;
  book(cpu);
  cpu.queue.add(self);
  self.clock.turn_to(Doing::runnable, loop_.now());
  start(cpu, cpu.queue.take_first());
  loop_.suspend();
}

void Scheduler::release(SimTask& self) {
  Cpu& cpu = *self.cpu;
  MM_CHECK(cpu.owner == &self, "task", self.task.name);
  book(cpu);
  cpu.owner = nullptr;
  if (!cpu.queue.empty()) start(cpu, cpu.queue.take_first());
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
