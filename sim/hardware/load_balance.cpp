// Tasks that wait for a busy CPU and may use another go there: at once when a CPU of the node has
// nothing left to do, and on ticks (load_balance() of 2.6.24, kernel/sched.c).

#include <algorithm>

#include "sim/hardware/scheduler.hpp"

namespace numasim {
namespace {

/// How often a CPU looks at the others, in milliseconds: as the domains of x86-64 set it
/// (SD_CPU_INIT and SD_NODE_INIT).
struct Period {
  int idle, busy;
};
constexpr Period kOfOwnNode{1, 64}, kOfAllNodes{8, 256};

/// Loads nearer to each other than this are left alone (imbalance_pct).
constexpr std::int64_t kImbalancePercent = 125;

bool may_roam(const SimTask& task) { return task.allowed.size() > 1; }

}  // namespace

std::int64_t Scheduler::load(const Cpu& cpu) {
  const bool runs_fairly = cpu.owner && cpu.owner->rt_priority == 0;
  return cpu.queue.weight() + (runs_fairly ? weight_of(*cpu.owner) : 0);
}

/// A task that may use several CPUs has to wait: the next tick looks where it could go.
void Scheduler::expect_balancing(const SimTask& queued) {
  if (!config_.balance || !may_roam(queued) || balance_tick_.is_set()) return;
  loop_.set(balance_tick_, ticks_.after(loop_.now(), Jiffies{1}));
}

/// idle_balance(): within the node. The tick is set as long as somebody waits who may move.
void Scheduler::balance_idle(Cpu& idle) {
  if (!balance_tick_.is_set()) return;
  pull(idle, cpus_of_node_[idle.node.value]);
}

/// run_rebalance_domains() of every CPU: first from its own node, then from all.
void Scheduler::balance_on_tick() {
  std::vector<Cpu*> crowded;
  for (Cpu& cpu : cpus_)
    if (cpu.queue.find([](const SimTask& task) { return may_roam(task); })) crowded.push_back(&cpu);
  if (crowded.empty()) return;
  const std::int64_t tick = ticks_.at(loop_.now()).value;
  const auto is_due = [&](const Cpu& cpu, Period period) {
    const int ms = cpu.owner ? period.busy : period.idle;
    const std::int64_t ticks = std::max(ms * ticks_.hz() / 1000, 1);
    return (tick + cpu.id.value) % ticks == 0;  // not all in the same tick
  };
  for (Cpu& cpu : cpus_) {
    if (is_due(cpu, kOfOwnNode)) {
      std::vector<Cpu*> near = crowded;
      std::erase_if(near, [&](const Cpu* other) { return other->node != cpu.node; });
      pull(cpu, near);
    }
    if (is_due(cpu, kOfAllNodes)) pull(cpu, crowded);
  }
  loop_.set(balance_tick_, ticks_.after(loop_.now(), Jiffies{1}));
}

/// Takes a waiting task over from the busiest of `others` that has one to give, if the two are
/// less apart with it than before.
void Scheduler::pull(Cpu& to, const std::vector<Cpu*>& others) {
  const auto may_come = [&](const SimTask& task) {
    return may_roam(task) && std::ranges::binary_search(task.allowed, to.id);
  };
  Cpu* busiest = nullptr;
  SimTask* task = nullptr;
  for (Cpu* other : others) {
    if (other == &to || other->queue.empty()) continue;
    if (busiest && load(*other) <= load(*busiest)) continue;
    if (SimTask* first = other->queue.find(may_come)) {
      busiest = other;
      task = first;
    }
  }
  if (!task) return;
  const std::int64_t here = load(to), there = load(*busiest);
  if (to.owner && there * 100 <= here * kImbalancePercent) return;
  if (to.owner && there - here <= weight_of(*task)) return;
  busiest->queue.remove(*task);
  task->fair_runtime += to.floor - busiest->floor;
  take_in(to, *task);
}

}  // namespace numasim
