// Records that change settings, and that wait for other tasks.

#include <algorithm>

#include "sim/run/sysctls.hpp"
#include "sim/run/trace_task.hpp"

namespace numasim {
namespace {

/// The cpuset as the record would have it.
Cpuset trial_of(const Cpuset& now, const trace::ChangeCpuset& change) {
  Cpuset trial = now;
  if (change.mems) trial.mems = to_mask(*change.mems);
  if (change.cpus) {
    trial.cpus = *change.cpus;
    std::ranges::sort(trial.cpus);
  }
  trial.flags.mem_exclusive = change.mem_exclusive.value_or(now.flags.mem_exclusive);
  trial.flags.cpu_exclusive = change.cpu_exclusive.value_or(now.flags.cpu_exclusive);
  trial.flags.memory_migrate = change.memory_migrate.value_or(now.flags.memory_migrate);
  trial.flags.memory_spread_page =
      change.memory_spread_page.value_or(now.flags.memory_spread_page);
  trial.flags.memory_spread_slab =
      change.memory_spread_slab.value_or(now.flags.memory_spread_slab);
  return trial;
}

Placement::Moves to_moves(trace::MovePages move) {
  switch (move) {
    case trace::MovePages::none:
      return Placement::Moves::nothing;
    case trace::MovePages::own:
      return Placement::Moves::own;
    case trace::MovePages::all:
      return Placement::Moves::all;
  }
  return Placement::Moves::nothing;
}

}  // namespace

MemPolicy::Mode to_mode(trace::PolicyMode mode) {
  switch (mode) {
    case trace::PolicyMode::standard:
      return MemPolicy::Mode::standard;
    case trace::PolicyMode::preferred:
      return MemPolicy::Mode::preferred;
    case trace::PolicyMode::bind:
      return MemPolicy::Mode::bind;
    case trace::PolicyMode::interleave:
      return MemPolicy::Mode::interleave;
  }
  return MemPolicy::Mode::standard;
}

TraceTask& TraceTask::named(const std::string& who) {
  if (who.empty()) return *this;
  const auto found = std::ranges::find(world_.tasks, who, [](const TraceTask* task) {
    return task->task_.name;
  });
  return **found;  // the checker has seen to it
}

/// What the kernel refuses is a result.
TraceTask::After TraceTask::accepted_if(bool accepted) {
  if (!accepted) ++tally_.calls_refused;
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::Sysctl& sysctl, Step&) {
  write_sysctl(world_.kernel, task_, sysctl);
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::ChangeCpuset& change, Step&) {
  Cpusets& cpusets = world_.kernel.memory().cpusets();
  if (change.memory_pressure_enabled)
    cpusets.enable_memory_pressure(*change.memory_pressure_enabled);
  const Cpuset& cpuset = *cpusets.find(change.cpuset);
  const auto refused =
      world_.kernel.placement().change_cpuset(task_, cpuset, trial_of(cpuset, change));
  if (refused || !change.cpus) return accepted_if(!refused);
  for (TraceTask* task : world_.tasks)
    if (task->task_.cpuset == &cpuset) task->follow_cpuset();
  return After::go_on;
}

void TraceTask::roam_over(std::vector<CpuId> cpus) {
  roams_ = true;
  std::ranges::sort(cpus);
  if (task_.cpuset && !task_.cpuset->cpus.empty())
    std::erase_if(cpus, [&own = task_.cpuset->cpus](CpuId cpu) {
      return !std::ranges::binary_search(own, cpu);
    });
  world_.machine.allow_cpus(task_.id, std::move(cpus));
}

/// set_cpus_allowed() with the CPUs of its cpuset. One that does not roam stays on its CPU, or, if
/// that is not among them, goes to the first.
void TraceTask::follow_cpuset() {
  if (has_ended_) return;
  std::vector<CpuId> cpus = task_.cpuset ? task_.cpuset->cpus : std::vector<CpuId>{};
  if (cpus.empty())
    for (std::uint16_t id = 0; id < world_.machine.cpus(); ++id) cpus.push_back(CpuId{id});
  if (!roams_) {
    const bool may_stay = std::ranges::binary_search(cpus, task_.cpu);
    cpus = {may_stay ? task_.cpu : cpus.front()};
  }
  world_.machine.allow_cpus(task_.id, std::move(cpus));
}

TraceTask::After TraceTask::carry_out(const trace::MoveTask& move, Step&) {
  const Cpuset& to = *world_.kernel.memory().cpusets().find(move.cpuset);
  TraceTask& who = named(move.who);
  const bool accepted = !world_.kernel.placement().move_task(task_, who.task_, to);
  if (accepted) who.follow_cpuset();
  return accepted_if(accepted);
}

TraceTask::After TraceTask::carry_out(const trace::SetMempolicy& set, Step&) {
  return accepted_if(world_.kernel.placement().set_mempolicy(task_, to_mode(set.policy.mode),
                                                             set.policy.nodes));
}

TraceTask::After TraceTask::carry_out(const trace::Mbind& mbind, Step&) {
  return accepted_if(world_.kernel.mbind(task_, own_region(mbind.region),
                                         to_mode(mbind.policy.mode), mbind.policy.nodes,
                                         to_moves(mbind.move)));
}

TraceTask::After TraceTask::carry_out(const trace::MigratePages& migrate, Step&) {
  return accepted_if(world_.kernel.placement().migrate_pages(
      task_, named(migrate.who).task_, to_mask(migrate.from), to_mask(migrate.to)));
}

TraceTask::After TraceTask::carry_out(const trace::Sync&, Step&) {
  world_.kernel.sync(task_);
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::OomAdj& adj, Step&) {
  named(adj.who).task_.oom_adj = adj.value;
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::Nice& nice, Step&) {
  named(nice.who).task_.nice = nice.value;
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::Wait& wait, Step&) {
  const TraceTask& other = named(wait.who);
  const auto has_come_so_far = [&] {
    if (other.has_ended_) return true;
    return wait.records && other.records_done_ >= *wait.records;
  };
  while (!has_come_so_far() && !task_.killed) world_.machine.wait(task_, world_.progress);
  return After::go_on;
}

}  // namespace numasim
