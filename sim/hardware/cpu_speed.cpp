// Speeds of CPUs that change: siblings of a core, and steps of a profile.

#include <map>

#include "sim/hardware/scheduler.hpp"

namespace numasim {
namespace {

/// The clock time that work takes at a speed, rounded up: after it the work is done.
SimDuration time_of(std::int64_t work, std::int64_t speed) {
  return SimDuration{(work + speed - 1) / speed};
}

}  // namespace

void Scheduler::plan_speeds(const std::vector<CpuSpeed>& steps) {
  std::multimap<SimDuration, const CpuSpeed*> by_date;
  for (const CpuSpeed& step : steps) by_date.emplace(step.at, &step);
  for (Cpu& cpu : cpus_) cpu.changes_speed |= !steps.empty();  // tasks may come from the others
  for (const auto& [date, step] : by_date) {
    std::vector<Cpu*> concerned;
    for (Cpu& cpu : cpus_) {
      const bool named = std::ranges::find(step->cpus, int{cpu.id.value}) != step->cpus.end();
      if (step->cpus.empty() || named) concerned.push_back(&cpu);
    }
    const auto take_effect = [this, concerned, percent = step->percent] {
      for (Cpu* cpu : concerned) {
        cpu->percent = percent;
        update_speeds(cores_[cpu->core]);
      }
    };
    if (date == SimDuration{0}) {
      take_effect();
    } else {
      speed_steps_.emplace_back(take_effect, engine::Alarm::Keeps::nothing_alive);
      loop_.set(speed_steps_.back(), SimTime{date});
    }
  }
}

/// One sibling at work has the core for itself; n share what two would have.
void Scheduler::update_speeds(Core& core) {
  for (Cpu* cpu : core.cpus) {
    std::int64_t speed = cpu->percent * kFullSpeed / 100;
    if (core.busy > 1) speed = speed * 2 * smt_share_percent_ / (100 * core.busy);
    set_speed(*cpu, std::max<std::int64_t>(speed, 1));
  }
}

void Scheduler::set_speed(Cpu& cpu, std::int64_t speed) {
  if (cpu.speed == speed) return;
  SimTask* owner = cpu.owner && cpu.owner->paced && cpu.owner->is_set() ? cpu.owner : nullptr;
  if (owner) settle(*owner);
  cpu.speed = speed;
  if (!owner) return;
  const std::int64_t left = std::max<std::int64_t>(owner->paced->work - owner->paced->done, 0);
  owner->busy_until = owner->paced->since + time_of(left, speed);
  if (makes_way_at_slice_end(*owner))
    owner->busy_until = std::min(owner->busy_until, cpu.slice_end);
  owner->busy_until = std::max(owner->busy_until, loop_.now());
  loop_.set(*owner, owner->busy_until);
}

/// Counts as done what the owner has worked since it last looked, without interrupts. One that is
/// not over has kept it from working up to now only.
void Scheduler::settle(SimTask& owner) {
  SimTask::Paced& paced = *owner.paced;
  const SimTime now = loop_.now();
  const SimDuration all = std::exchange(owner.interrupted_for, SimDuration{0});
  const SimDuration to_come = std::clamp(owner.cpu->interrupt_end - now, SimDuration{0}, all);
  const SimDuration interrupted = all - to_come;
  const SimDuration worked = std::max(now - paced.since - interrupted, SimDuration{0});
  paced.done += to_ns(worked) * owner.cpu->speed;
  paced.since = now + to_come;
}

void Scheduler::occupy_at_speed(SimTask& self, SimDuration time) {
  std::int64_t work = to_ns(time) * kFullSpeed - std::exchange(self.pace_credit, 0);
  while (work > 0 && !self.unwinding()) {
    make_way(self);
    Cpu& cpu = *self.cpu;
    const SimTime begin = loop_.now();
    self.interrupted_for = SimDuration{0};
    self.paced = SimTask::Paced{begin, work, 0};
    SimDuration step = time_of(work, cpu.speed);
    if (makes_way_at_slice_end(self)) step = std::min(step, cpu.slice_end - begin);
    self.busy_until = begin + step;
    loop_.advance(step);
    settle(self);
    work -= self.paced->done;
    self.paced.reset();
  }
  self.pace_credit = std::max<std::int64_t>(-work, 0);
}

}  // namespace numasim
