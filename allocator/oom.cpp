#include "allocator/oom.hpp"

#include <algorithm>

namespace numasim {
namespace {

constexpr int kOomDisable = -17;

}  // namespace

void OomKiller::remove(Task& task) { std::erase(tasks_, &task); }

std::uint64_t OomKiller::badness(const Task& task) {
  if (!task.mm) return 0;
  auto points = static_cast<std::uint64_t>(task.mm->total_vm.value);
  if (task.oom_adj > 0) return std::max<std::uint64_t>(points, 1) << task.oom_adj;
  return points >> -task.oom_adj;
}

/// Strictly the worst; the first of equals. A task that is already dying stops the choice.
OomKiller::Choice OomKiller::select_bad_process() const {
  Choice choice;
  for (Task* task : tasks_) {
    if (!task->mm) continue;
    if (task->memdie || task->exiting) {
      choice.somebody_is_dying = true;
      return choice;
    }
    if (task->oom_adj == kOomDisable) continue;
    const std::uint64_t points = badness(*task);
    if (choice.victim && points <= choice.points) continue;
    choice.victim = task;
    choice.points = points;
  }
  return choice;
}

void OomKiller::out_of_memory(Task& task, Gfp, Order) {
  const Choice choice = select_bad_process();
  if (!choice.somebody_is_dying) {
    if (!choice.victim) {
      panicked_ = true;
    } else {
      ++kills_;
      choice.victim->memdie = true;
      memory_.steps().tell(task, event::OomKill{choice.victim->id, choice.points});
      machine_.kill(choice.victim->id);
      choice.victim->killed = true;
    }
  }
  if (!task.memdie) {
    memory_.steps().tell(task, event::SleepTicks{Jiffies{1}});
    machine_.sleep(task, Jiffies{1});
  }
}

}  // namespace numasim
