#include "allocator/oom.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>

#include "allocator/oom_constraint.hpp"

namespace numasim {
namespace {

constexpr int kOomDisable = -17;
constexpr std::uint64_t kMostPoints = std::numeric_limits<std::uint64_t>::max();

/// Ticks in jiffies >> (SHIFT_HZ + 3): SHIFT_HZ is the power of two that comes nearest below
/// 4/3 HZ (include/linux/jiffies.h): 7 at 100 Hz, 8 at 250 and 300 Hz, 10 at 1000 Hz.
int shift_hz(int hz) { return std::bit_width(static_cast<unsigned>(hz) * 4 / 3) - 1; }

std::uint64_t cpu_units(const Past& past, int hz) {
  const std::uint64_t jiffies =
      static_cast<std::uint64_t>(past.cpu_time.count()) * static_cast<std::uint64_t>(hz) /
      1'000'000'000;
  return jiffies >> (shift_hz(hz) + 3);
}

std::uint64_t run_units(const Past& past, SimTime now) {
  const auto seconds = [](SimTime date) { return to_ns(date) / 1'000'000'000; };
  const std::int64_t run = seconds(now) - seconds(past.started);
  return run > 0 ? static_cast<std::uint64_t>(run) >> 10 : 0;
}

std::uint64_t divided(std::uint64_t points, std::uint64_t divisor) {
  return divisor > 0 ? points / divisor : points;
}

}  // namespace

std::uint64_t rounded_down_sqrt(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit > 0; bit >>= 1)
    if ((root | bit) * (root | bit) <= x) root |= bit;
  return root;
}

void OomKiller::remove(Task& task) {
  std::erase(tasks_, &task);
  for (Task* child : children_of(task)) child->parent = nullptr;
}

std::vector<Task*> OomKiller::children_of(const Task& parent) const {
  std::vector<Task*> children;
  std::ranges::copy_if(tasks_, std::back_inserter(children),
                       [&parent](const Task* task) { return task->parent == &parent; });
  return children;
}

bool OomKiller::shares_memory(const Task& task, const AddressSpace& mm) const {
  return std::ranges::any_of(
      tasks_, [&](const Task* other) { return other != &task && other->mm == &mm; });
}

/// Steps in the order of 2.6.24: each division truncates.
std::uint64_t OomKiller::badness(const Task& current, const Task& candidate) const {
  if (!candidate.mm) return 0;
  if (candidate.swapoff) return kMostPoints;
  auto points = static_cast<std::uint64_t>(candidate.mm->total_vm.value);
  for (const Task* child : children_of(candidate))
    if (child->mm && child->mm != candidate.mm)
      points += static_cast<std::uint64_t>(child->mm->total_vm.value) / 2 + 1;

  const Past past = machine_.past_of(candidate);
  points = divided(points, rounded_down_sqrt(cpu_units(past, memory_.config().hz)));
  points = divided(points, rounded_down_sqrt(rounded_down_sqrt(run_units(past, machine_.now()))));

  if (candidate.nice > 0) points *= 2;
  if (candidate.superuser) points /= 4;
  if (candidate.raw_io) points /= 4;
  if (nodes_disjoint(current, candidate)) points /= 8;
  if (candidate.oom_adj < 0) return points >> -candidate.oom_adj;
  if (candidate.oom_adj > 0) points = std::max<std::uint64_t>(points, 1) << candidate.oom_adj;
  return points;
}

/// True when killing the candidate would free nothing that `current` may use.
bool OomKiller::nodes_disjoint(const Task& current, const Task& candidate) const {
  if (memory_.commons().switches.oom_overlap_by_mems)
    return (current.mems_allowed & candidate.mems_allowed).none();
  if (current.exiting || candidate.exiting) return false;
  const Cpusets& cpusets = memory_.cpusets();
  const NodeMask mine = cpusets.nearest_exclusive_of(current).mems;
  return (mine & cpusets.nearest_exclusive_of(candidate).mems).none();
}

/// Strictly the worst; the first of equals. A task that is already dying stops the choice, but
/// only while it has its address space.
OomKiller::Choice OomKiller::select_bad_process(const Task& current) const {
  Choice choice;
  for (Task* task : tasks_) {
    if (!task->mm || task->is_init) continue;
    const bool dies_by_itself = task->exiting && task != &current;
    if (task->memdie || dies_by_itself) return {.somebody_is_dying = true};
    if (task->exiting) choice = {.victim = task, .points = kMostPoints};
    if (task->oom_adj == kOomDisable) continue;
    const std::uint64_t points = badness(current, *task);
    memory_.steps().tell_detail(current, event::OomCandidate{task->id, points});
    if (choice.victim && points <= choice.points) continue;
    choice = {.victim = task, .points = points};
  }
  return choice;
}

void OomKiller::out_of_memory(Task& task, const Zonelist& zonelist, Gfp gfp, Order order) {
  kill_somebody(task, {zonelist, gfp, order});
  if (task.memdie) return;
  memory_.steps().tell(task, event::SleepTicks{Jiffies{1}});  // give the victim a moment
  machine_.sleep(task, Jiffies{1});
}

void OomKiller::kill_somebody(Task& task, const Request& request) {
  const KernelConfig& config = memory_.config();
  const EraSwitches& switches = memory_.commons().switches;
  if (config.panic_on_oom == 2) return panic(task, "out of memory, and panic_on_oom is 2", request);

  const OomConstraint constraint = constrained_alloc(memory_, task, request.zonelist, request.gfp);
  if (constraint == OomConstraint::none && config.panic_on_oom != 0)
    return panic(task, "out of memory, and panic_on_oom is 1", request);
  const bool asker_of_cpuset =
      constraint == OomConstraint::cpuset && switches.cpuset_oom_kills_caller;
  const bool asker_by_sysctl =
      config.oom_kill_allocating_task && switches.oom_kills_allocating_task;
  if (constraint == OomConstraint::memory_policy || asker_of_cpuset || asker_by_sysctl)
    oom_kill_process(task, task, 0);
  else
    kill_worst_task(task, request);
}

void OomKiller::kill_worst_task(Task& task, const Request& request) {
  const Choice choice = select_bad_process(task);
  if (choice.somebody_is_dying) return;
  if (!choice.victim) return panic(task, "out of memory and no killable processes", request);
  if (oom_kill_process(task, *choice.victim, choice.points) == Outcome::killed) return;
  // Linux would choose the same task again, for ever, with the task list locked.
  panic(task, "out of memory, and the task chosen may not be killed: a hang", request);
}

/// A child dies for its parent: the work lost is less.
OomKiller::Outcome OomKiller::oom_kill_process(const Task& by, Task& victim,
                                               std::uint64_t points) {
  if (victim.exiting) {
    mark(victim);
    return Outcome::killed;
  }
  for (Task* child : children_of(victim)) {
    if (child->mm == victim.mm) continue;
    if (oom_kill_task(by, *child, victim, points) == Outcome::killed) return Outcome::killed;
  }
  return oom_kill_task(by, victim, victim, points);
}

/// Everybody who uses the memory has to go, or none of it is freed; the reserves are for one.
OomKiller::Outcome OomKiller::oom_kill_task(const Task& by, Task& victim, const Task& chosen,
                                            std::uint64_t points) {
  if (!victim.mm || victim.is_init) return Outcome::refused;
  std::vector<Task*> sharers;
  std::ranges::copy_if(tasks_, std::back_inserter(sharers),
                       [&victim](const Task* task) { return task->mm == victim.mm; });
  if (std::ranges::any_of(sharers, [](const Task* t) { return t->oom_adj == kOomDisable; }))
    return Outcome::refused;

  ++kills_;
  memory_.steps().tell(by, event::OomKill{victim.id, points, chosen.id});
  mark(victim);
  for (Task* sharer : sharers) force_kill(*sharer);
  return Outcome::killed;
}

void OomKiller::mark(Task& victim) {
  victim.memdie = true;
  force_kill(victim);
}

void OomKiller::force_kill(Task& task) {
  if (std::exchange(task.killed, true)) return;
  machine_.kill(task.id);
}

void OomKiller::panic(Task& task, std::string_view why, const Request& request) {
  const ZoneId wanted = request.zonelist.first().id();
  const OomConstraint constraint =
      constrained_alloc(memory_, task, request.zonelist, request.gfp);
  std::string story(why);
  story += "; " + task.name + " asked for a block of order " + std::to_string(request.order.value) +
           ", " + to_string(request.gfp) + "; from node " + std::to_string(wanted.node.value) +
           ' ' + std::string(to_string(wanted.type)) + " on, constraint: ";
  story += to_string(constraint);
  memory_.steps().tell(task, event::Panic{story});
  machine_.panic(task, story);
}

}  // namespace numasim
