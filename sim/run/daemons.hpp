#pragma once
// The kernel threads of a machine.

#include <deque>
#include <string>
#include <string_view>

#include "allocator/kernel.hpp"
#include "sim/hardware/sim_machine.hpp"

namespace numasim {

/// What Linux calls a task (its comm).
std::string_view kernel_name_of(const Task& task);

/// Keeps the tasks of the daemons; must outlive the run of the machine.
class Daemons {
 public:
  Daemons(SimMachine& machine, Kernel& kernel, TaskId first_id)
      : machine_(machine), kernel_(kernel), next_id_(first_id.value) {}

  /// kswapd of each node with memory, on a CPU of that node, or the boot CPU if it has none; and
  /// the pdflush threads, on the boot CPU. Linux calls each of these "pdflush"; here they have
  /// numbers too, so that tables and figures tell them apart.
  void start_reclaim();
  /// The once-a-second refresh of the per-CPU counters on each CPU, begun one second and as many
  /// ticks as the CPU's number after boot, so that not all CPUs refresh at once (start_cpu_timer
  /// of mm/vmstat.c, 2.6.24).
  void start_vm_stats_refresh();

  const std::deque<Task>& tasks() const { return tasks_; }

 private:
  Task& add(std::string name, CpuId cpu);

  SimMachine& machine_;
  Kernel& kernel_;
  std::uint32_t next_id_;
  std::deque<Task> tasks_;
};

}  // namespace numasim
