#pragma once
// The kernel threads of a machine.

#include <deque>

#include "allocator/kernel.hpp"
#include "sim/hardware/sim_machine.hpp"

namespace numasim {

/// Keeps the tasks of the daemons; must outlive the run of the machine.
class Daemons {
 public:
  Daemons(SimMachine& machine, Kernel& kernel, TaskId first_id)
      : machine_(machine), kernel_(kernel), next_id_(first_id.value) {}

  /// kswapd of each node with memory, on a CPU of that node, or the boot CPU if it has none; and
  /// pdflush, on the boot CPU.
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
