#include "allocator/cpuset.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {
namespace {

/// nearest_exclusive_ancestor: the root, being exclusive, always qualifies.
const Cpuset& nearest_exclusive(const Cpuset& from) {
  const Cpuset* at = &from;
  while (!at->flags.mem_exclusive && at->parent) at = at->parent;
  return *at;
}

bool is_subset(NodeMask of, NodeMask whole) { return (of & ~whole).none(); }

/// An empty list stands for every CPU.
bool is_subset(const std::vector<CpuId>& of, const std::vector<CpuId>& whole) {
  if (whole.empty()) return true;
  return !of.empty() && std::ranges::includes(whole, of);
}

bool share(const std::vector<CpuId>& a, const std::vector<CpuId>& b) {
  if (a.empty() || b.empty()) return true;
  return std::ranges::any_of(a, [&b](CpuId cpu) { return std::ranges::binary_search(b, cpu); });
}

std::int64_t seconds(SimTime date) { return to_ns(date) / 1'000'000'000; }

}  // namespace

std::string_view to_string(CpusetError error) {
  switch (error) {
    case CpusetError::outside_parent:
      return "outside_parent";
    case CpusetError::child_has_more:
      return "child_has_more";
    case CpusetError::shared_exclusive:
      return "shared_exclusive";
    case CpusetError::in_use_and_empty:
      return "in_use_and_empty";
    case CpusetError::read_only:
      return "read_only";
  }
  return "unknown";
}

Cpusets::Cpusets(NodeMask all_nodes) {
  Cpuset root;
  root.name = "/";
  root.mems = all_nodes;
  root.flags.mem_exclusive = root.flags.cpu_exclusive = true;
  sets_.push_back(std::make_unique<Cpuset>(std::move(root)));
}

const Cpuset* Cpusets::find(std::string_view name) const {
  for (const auto& set : sets_)
    if (set->name == name) return set.get();
  return nullptr;
}

const Cpuset& Cpusets::add(std::string name, const Cpuset& parent, NodeMask mems,
                           bool mem_exclusive) {
  Cpuset cpuset;
  cpuset.name = std::move(name);
  cpuset.parent = &parent;
  cpuset.mems = mems;
  cpuset.flags.mem_exclusive = mem_exclusive;
  return add(std::move(cpuset));
}

const Cpuset& Cpusets::add(Cpuset cpuset) {
  cpuset.mems_generation = ++latest_generation_;
  sets_.push_back(std::make_unique<Cpuset>(std::move(cpuset)));
  return *sets_.back();
}

Cpuset& Cpusets::own(const Cpuset& cpuset) {
  const auto set = std::ranges::find(sets_, &cpuset, &std::unique_ptr<Cpuset>::get);
  MM_CHECK(set != sets_.end(), cpuset.name);
  return **set;
}

/// Tests in the order of validate_change(): children, parent, siblings, tasks.
std::optional<CpusetError> Cpusets::objection(const Cpuset& cpuset, const Cpuset& trial,
                                              HasTasks has_tasks) const {
  for (const auto& child : sets_) {
    if (child->parent != &cpuset) continue;
    if (!is_subset(child->mems, trial.mems) || !is_subset(child->cpus, trial.cpus))
      return CpusetError::child_has_more;
  }
  if (!cpuset.parent) {
    const bool same_masks = trial.mems == cpuset.mems && trial.cpus == cpuset.cpus;
    return same_masks ? std::nullopt : std::optional{CpusetError::read_only};
  }
  const Cpuset& parent = *cpuset.parent;
  if (!is_subset(trial.mems, parent.mems) || !is_subset(trial.cpus, parent.cpus))
    return CpusetError::outside_parent;
  if (trial.flags.cpu_exclusive && !parent.flags.cpu_exclusive) return CpusetError::outside_parent;
  if (trial.flags.mem_exclusive && !parent.flags.mem_exclusive) return CpusetError::outside_parent;

  for (const auto& sibling : sets_) {
    if (sibling->parent != &parent || sibling.get() == &cpuset) continue;
    const bool cpus_alone = trial.flags.cpu_exclusive || sibling->flags.cpu_exclusive;
    const bool mems_alone = trial.flags.mem_exclusive || sibling->flags.mem_exclusive;
    if (cpus_alone && share(trial.cpus, sibling->cpus)) return CpusetError::shared_exclusive;
    if (mems_alone && (trial.mems & sibling->mems).any()) return CpusetError::shared_exclusive;
  }
  if (has_tasks == HasTasks::yes && trial.mems.none()) return CpusetError::in_use_and_empty;
  return std::nullopt;
}

std::optional<CpusetError> Cpusets::change(const Cpuset& cpuset, const Cpuset& trial,
                                           HasTasks has_tasks) {
  if (const auto error = objection(cpuset, trial, has_tasks)) return error;
  Cpuset& set = own(cpuset);
  const bool seen_by_tasks = set.mems != trial.mems ||
                             set.flags.memory_spread_page != trial.flags.memory_spread_page ||
                             set.flags.memory_spread_slab != trial.flags.memory_spread_slab;
  set.mems = trial.mems;
  set.cpus = trial.cpus;
  set.flags = trial.flags;
  if (seen_by_tasks) set.mems_generation = ++latest_generation_;
  return std::nullopt;
}

void Cpusets::change_mems(std::string_view name, NodeMask mems) {
  const Cpuset* found = find(name);
  MM_CHECK(found, name);
  Cpuset& set = own(*found);
  set.mems = mems;
  set.mems_generation = ++latest_generation_;
}

void Cpusets::attach(Task& task, const Cpuset& cpuset) {
  task.cpuset = &cpuset;
  refresh(task);
}

void Cpusets::refresh(Task& task) {
  const Cpuset& cpuset = *task.cpuset;
  task.mems_allowed = usable_mems(cpuset);
  task.mems_generation = cpuset.mems_generation;
  task.spread_page = cpuset.flags.memory_spread_page;
  task.spread_slab = cpuset.flags.memory_spread_slab;
}

NodeMask Cpusets::usable_mems(const Cpuset& cpuset) {
  const Cpuset* root = &cpuset;
  while (root->parent) root = root->parent;
  const Cpuset* at = &cpuset;
  while (at->parent && (at->mems & root->mems).none()) at = at->parent;
  return at->mems & root->mems;
}

const Cpuset& Cpusets::nearest_exclusive_of(const Task& task) const {
  return nearest_exclusive(task.cpuset ? *task.cpuset : root());
}

NodeId Cpusets::next_spread_node(Task& task) {
  std::size_t node = task.spread_rotor.value;
  do {
    node = (node + 1) % kMaxNodes;
  } while (!task.mems_allowed.test(node) && node != task.spread_rotor.value);
  task.spread_rotor = NodeId{static_cast<std::uint16_t>(node)};
  return task.spread_rotor;
}

void Cpusets::memory_pressure_bump(const Task& task, SimTime now) {
  if (!memory_pressure_enabled_) return;
  own(task.cpuset ? *task.cpuset : root()).pressure.mark_event(seconds(now));
}

std::int64_t Cpusets::memory_pressure(const Cpuset& cpuset, SimTime now) {
  return own(cpuset).pressure.read(seconds(now));
}

bool Cpusets::hardwall_lets_through(const Task& task, NodeId node, Gfp gfp) const {
  if (task.in_interrupt || gfp.has(__GFP_THISNODE)) return true;
  if (task.mems_allowed.test(node.value)) return true;
  return task.memdie;  // a dying task may take from anywhere to get out of the way
}

bool Cpusets::softwall_lets_through(const Task& task, NodeId node, Gfp gfp) const {
  if (hardwall_lets_through(task, node, gfp)) return true;
  if (gfp.has(__GFP_HARDWALL)) return false;
  if (task.exiting) return true;
  return nearest_exclusive_of(task).mems.test(node.value);
}

}  // namespace numasim
