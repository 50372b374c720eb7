#include "allocator/placement.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace numasim {

std::optional<CpusetError> Placement::change_cpuset(Task& by, const Cpuset& cpuset,
                                                    const Cpuset& trial) {
  const bool used = std::ranges::any_of(
      tasks_, [&cpuset](const Task* task) { return task->cpuset == &cpuset; });
  const NodeMask before = cpuset.mems;
  const auto has_tasks = used ? Cpusets::HasTasks::yes : Cpusets::HasTasks::no;
  if (const auto error = memory_.cpusets().change(cpuset, trial, has_tasks)) return error;
  if (cpuset.mems != before) follow(by, cpuset, before);
  machine_.spend(by);
  return std::nullopt;
}

/// update_nodemask(), for each address space of the cpuset's tasks.
void Placement::follow(Task& by, const Cpuset& cpuset, NodeMask from) {
  std::set<TaskId> done;
  for (;;) {  // the list may have changed while pages moved
    const auto next = std::ranges::find_if(tasks_, [&](const Task* task) {
      return task->cpuset == &cpuset && task->mm && !done.contains(task->id);
    });
    if (next == tasks_.end()) return;
    AddressSpace& mm = *(*next)->mm;
    for (const Task* task : tasks_)
      if (task->mm == &mm) done.insert(task->id);
    rebind_regions(mm, cpuset.mems);
    if (cpuset.flags.memory_migrate) migrate_mm(by, mm, from, cpuset.mems);
  }
}

std::optional<CpusetError> Placement::move_task(Task& by, Task& who, const Cpuset& to) {
  if (to.mems.none()) return CpusetError::in_use_and_empty;
  const Cpuset& from = who.cpuset ? *who.cpuset : memory_.cpusets().root();
  const NodeMask nodes_before = from.mems;
  if (&from == &to) return std::nullopt;
  who.cpuset = &to;
  const bool may_stay = to.cpus.empty() || std::ranges::binary_search(to.cpus, who.cpu);
  if (!may_stay) who.cpu = to.cpus.front();
  if (who.mm) {
    rebind_regions(*who.mm, to.mems);
    if (to.flags.memory_migrate) migrate_mm(by, *who.mm, nodes_before, to.mems);
  }
  machine_.spend(by);
  return std::nullopt;
}

void Placement::rebind_regions(AddressSpace& mm, NodeMask mems) {
  for (auto& [name, region] : mm.regions)
    if (region.policy) policies_.rebind(*region.policy, mems);
}

/// cpuset_migrate_mm(): who writes may use the new nodes meanwhile, and no others.
void Placement::migrate_mm(Task& by, AddressSpace& mm, NodeMask from, NodeMask to) {
  const NodeMask own = std::exchange(by.mems_allowed, to);
  migration_.between_nodes(by, mm, from, to, Migration::Which::all);
  by.mems_allowed = by.cpuset ? Cpusets::usable_mems(*by.cpuset) : own;
}

bool Placement::set_mempolicy(Task& task, MemPolicy::Mode mode, std::vector<NodeId> nodes) {
  return policies_.set_task_policy(task, mode, std::move(nodes));
}

bool Placement::mbind(Task& task, Region& region, MemPolicy::Mode mode, std::vector<NodeId> nodes,
                      Moves moves) {
  if (!policies_.may_bind_region(mode, nodes)) return false;
  NodeMask allowed;
  for (const NodeId node : nodes) allowed.set(node.value);
  region.policy.reset();
  if (mode != MemPolicy::Mode::standard)
    region.policy = policies_.make(mode, std::move(nodes), &task);
  if (moves == Moves::nothing) return true;

  const Migration::Wanted elsewhere = [&](const Region&, Pfn pfn) {
    return !allowed.test(memory_.zone_of(pfn).id().node.value);
  };
  const Migration::NewPage by_policy = [&](Task& by, PageIndex page) {
    return alloc_page_vma(allocator_, policies_, by, region, page, GFP_HIGHUSER_MOVABLE);
  };
  const auto which =
      moves == Moves::own ? Migration::Which::mapped_once : Migration::Which::all;
  migration_.of_region(task, region, elsewhere, by_policy, which);
  return true;
}

bool Placement::migrate_pages(Task& by, Task& who, NodeMask from, NodeMask to) {
  const NodeMask usable =
      who.cpuset ? Cpusets::usable_mems(*who.cpuset) : memory_.nodes_with_memory();
  const bool within = (to & ~memory_.nodes_with_memory()).none();
  const bool may_leave_cpuset = by.superuser || (to & ~usable).none();
  if (!who.mm || !within || to.none() || !may_leave_cpuset) return false;
  const auto which = by.superuser ? Migration::Which::all : Migration::Which::mapped_once;
  migration_.between_nodes(by, *who.mm, from, to, which);
  return true;
}

}  // namespace numasim
