#include "sim/run/simulation.hpp"

#include <algorithm>
#include <map>

#include "allocator/check.hpp"
#include "sim/run/swap_areas.hpp"
#include "sim/settings/machine_layout.hpp"

namespace numasim {
namespace {

std::string parent_of(const std::string& cpuset) {
  const std::size_t slash = cpuset.rfind('/');
  return slash == 0 ? "/" : cpuset.substr(0, slash);
}

NodeMask to_mask(const std::vector<int>& nodes) {
  NodeMask mask;
  for (const int node : nodes) mask.set(static_cast<std::size_t>(node));
  return mask;
}

std::map<std::string, DeviceId, std::less<>> devices_of(const MachineConfig& machine) {
  std::map<std::string, DeviceId, std::less<>> devices;
  for (const std::string_view name : device_names(machine))
    devices.emplace(name, *device_named(machine, name));
  return devices;
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, const TraceSurvey& survey,
                       const std::vector<std::string>& simgrid_arguments)
    : scenario_(scenario),
      survey_(survey),
      machine_(scenario.machine, scenario.kernel.hz, scenario.costs.context_switch,
               simgrid_arguments, scenario.scheduler),
      kernel_(to_layout(scenario.machine), scenario.kernel, scenario.costs, machine_,
              scenario.seed),
      feed_(scenario.workload.trace, survey),
      world_{machine_, kernel_, feed_, scenario.machine.cpu_hz,
             SimDuration{std::chrono::seconds{1}} / scenario.kernel.hz,
             devices_of(scenario.machine)} {
  machine_.set_listener(&kernel_);
  machine_.observe(&kernel_.memory().steps());
  make_swap_areas(scenario.machine, kernel_);
  create_cpusets();
  for (const TaskSurvey& task : survey.tasks) create_actor(task.declaration);
}

Simulation::~Simulation() = default;

/// In the order of their names: a parent's name begins its children's.
void Simulation::create_cpusets() {
  std::map<std::string, const CpusetConfig*> by_name;
  for (const CpusetConfig& cpuset : scenario_.cpusets) by_name[cpuset.name] = &cpuset;
  Cpusets& cpusets = kernel_.memory().cpusets();
  for (const auto& [name, cpuset] : by_name) {
    const Cpuset* parent = cpusets.find(parent_of(name));
    MM_CHECK(parent != nullptr, "cpuset", name);
    Cpuset set;
    set.name = name;
    set.parent = parent;
    set.mems = cpuset->mems.empty() ? parent->mems : to_mask(cpuset->mems);
    for (const int cpu : cpuset->cpus) set.cpus.push_back(CpuId{static_cast<std::uint16_t>(cpu)});
    std::ranges::sort(set.cpus);
    set.flags = {.mem_exclusive = cpuset->mem_exclusive,
                 .cpu_exclusive = cpuset->cpu_exclusive,
                 .memory_migrate = cpuset->memory_migrate,
                 .memory_spread_page = cpuset->memory_spread_page,
                 .memory_spread_slab = cpuset->memory_spread_slab};
    cpusets.add(std::move(set));
  }
  cpusets.enable_memory_pressure(true);  // the root's memory_pressure_enabled; steers nothing
}

void Simulation::create_actor(const trace::TaskDeclaration& declaration) {
  const auto index = static_cast<std::uint32_t>(actors_.size());
  Actor& actor = actors_.emplace_back(world_, index);
  world_.tasks.push_back(&actor.trace);
  Task& task = actor.task;
  task.id = TaskId{index + 1};
  task.name = declaration.name;
  task.cpu = declaration.cpu;
  task.realtime = declaration.realtime;
  task.kernel_thread = declaration.kernel_thread;
  task.memalloc = declaration.memalloc;
  task.oom_adj = declaration.oom_adj;
  task.nice = declaration.nice;
  task.superuser = declaration.superuser;
  task.raw_io = declaration.raw_io;
  task.is_init = declaration.init;
  if (!declaration.parent.empty()) task.parent = &actor_named(declaration.parent).task;
  task.make_it_fail = declaration.make_it_fail;
  const Cpuset* cpuset = kernel_.memory().cpusets().find(declaration.cpuset);
  MM_CHECK(cpuset != nullptr, "cpuset", declaration.cpuset);
  Cpusets::attach(task, *cpuset);
  actor.policy = to_mem_policy(kernel_.policies(), declaration.policy, &task);
  if (actor.policy) task.policy = &*actor.policy;
  if (declaration.mm_of.empty()) return kernel_.enter(task);
  kernel_.enter(task, &actor_named(declaration.mm_of).task);
  actor.trace.share_memory();
}

Simulation::Actor& Simulation::actor_named(const std::string& name) {
  const auto found = std::ranges::find(actors_, name, [](const Actor& a) { return a.task.name; });
  MM_CHECK(found != actors_.end(), "task", name);
  return *found;
}

/// Daemons first: kswapd sleeps already when a task wants to wake it.
RunEnd Simulation::run() {
  const TaskId first_daemon{static_cast<std::uint32_t>(actors_.size()) + 1};
  daemons_ = std::make_unique<Daemons>(machine_, kernel_, first_daemon);
  daemons_->start_reclaim();
  if (survey_.vm_stats_refresh == trace::VmStatsRefresh::periodic) {
    daemons_->start_vm_stats_refresh();
  }
  for (Actor& actor : actors_) {
    machine_.add_task(actor.task, [&actor] { actor.trace.run(); });
    const trace::TaskDeclaration& declared = survey_.tasks[actor.task.id.value - 1].declaration;
    if (declared.rt_priority > 0)
      machine_.set_rt_priority(actor.task.id, declared.rt_priority);
    if (!declared.cpus.empty()) actor.trace.roam_over(declared.cpus);
  }
  const SimDuration limit = scenario_.run.time_limit;
  if (limit == SimDuration{0}) return machine_.run();
  return machine_.run(SimTime{limit});
}

}  // namespace numasim
