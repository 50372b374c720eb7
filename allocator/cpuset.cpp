#include "allocator/cpuset.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {
namespace {

/// nearest_exclusive_ancestor: the root, being exclusive, always qualifies.
const Cpuset& nearest_exclusive(const Cpuset& from) {
  const Cpuset* at = &from;
  while (!at->mem_exclusive && at->parent) at = at->parent;
  return *at;
}

}  // namespace

Cpusets::Cpusets(NodeMask all_nodes) {
  sets_.push_back(std::make_unique<Cpuset>(Cpuset{"/", nullptr, all_nodes, true}));
}

const Cpuset* Cpusets::find(std::string_view name) const {
  for (const auto& set : sets_)
    if (set->name == name) return set.get();
  return nullptr;
}

const Cpuset& Cpusets::add(std::string name, const Cpuset& parent, NodeMask mems,
                           bool mem_exclusive) {
  sets_.push_back(std::make_unique<Cpuset>(Cpuset{std::move(name), &parent, mems, mem_exclusive}));
  return *sets_.back();
}

void Cpusets::change_mems(std::string_view name, NodeMask mems) {
  const auto set = std::ranges::find(sets_, name, [](const auto& one) { return one->name; });
  MM_CHECK(set != sets_.end(), name);
  (*set)->mems = mems;
}

void Cpusets::attach(Task& task, const Cpuset& cpuset) {
  task.cpuset = &cpuset;
  task.mems_allowed = cpuset.mems;
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

const Cpuset& Cpusets::nearest_exclusive_of(const Task& task) const {
  return nearest_exclusive(task.cpuset ? *task.cpuset : root());
}

}  // namespace numasim
