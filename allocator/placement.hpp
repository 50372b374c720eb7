#pragma once
// Changes of where tasks' memory goes and lies while they run: cpusets and policies
// (kernel/cpuset.c and the system calls of mm/mempolicy.c, 2.6.24).

#include <optional>
#include <vector>

#include "allocator/migrate.hpp"

namespace numasim {

class Placement {
 public:
  /// What mbind() does with pages that lie elsewhere.
  enum class Moves : std::uint8_t { nothing, own, all };

  /// `tasks`: the task list; it may change while a call goes on.
  Placement(Memory& memory, Machine& machine, MemPolicies& policies, PageAllocator& allocator,
            Migration& migration, const std::vector<Task*>& tasks)
      : memory_(memory), machine_(machine), policies_(policies), allocator_(allocator),
        migration_(migration), tasks_(tasks) {}

  /// Gives a cpuset the nodes, CPUs and flags of `trial`, unless the kernel refuses. Policies of
  /// its tasks' regions are rebound; with memory_migrate their pages move; the tasks themselves
  /// see new nodes when they next allocate, and new CPUs when they are moved in anew. Suspends.
  std::optional<CpusetError> change_cpuset(Task& by, const Cpuset& cpuset, const Cpuset& trial);
  /// attach_task(): the task runs on the cpuset's CPUs at once, sees its nodes when it next
  /// allocates, and takes its pages along if the cpuset has memory_migrate. Suspends.
  std::optional<CpusetError> move_task(Task& by, Task& who, const Cpuset& to);
  /// set_mempolicy(): false where it is refused.
  [[nodiscard]] bool set_mempolicy(Task& task, MemPolicy::Mode mode, std::vector<NodeId> nodes);
  /// mbind() of a whole region; false where it is refused. Suspends.
  [[nodiscard]] bool mbind(Task& task, Region& region, MemPolicy::Mode mode,
                           std::vector<NodeId> nodes, Moves moves);
  /// migrate_pages(); false where it is refused. Suspends.
  [[nodiscard]] bool migrate_pages(Task& by, Task& who, NodeMask from, NodeMask to);

 private:
  void follow(Task& by, const Cpuset& cpuset, NodeMask from);
  void rebind_regions(AddressSpace& mm, NodeMask mems);
  void migrate_mm(Task& by, AddressSpace& mm, NodeMask from, NodeMask to);

  Memory& memory_;
  Machine& machine_;
  MemPolicies& policies_;
  PageAllocator& allocator_;
  Migration& migration_;
  const std::vector<Task*>& tasks_;
};

}  // namespace numasim
