#include "sim/run/daemons.hpp"

#include <utility>

namespace numasim {
namespace {

constexpr std::string_view kPdflush = "pdflush";

}  // namespace

std::string_view kernel_name_of(const Task& task) {
  return task.kernel_thread && task.name.starts_with(kPdflush) ? kPdflush
                                                               : std::string_view{task.name};
}

Task& Daemons::add(std::string name, CpuId cpu) {
  Task& task = tasks_.emplace_back();
  task.id = TaskId{next_id_++};
  task.name = std::move(name);
  task.cpu = cpu;
  task.kernel_thread = true;
  return task;
}

void Daemons::start_reclaim() {
  Memory& memory = kernel_.memory();
  for (const auto& node : memory.nodes()) {
    if (!node->has_memory()) continue;
    CpuId cpu{0};
    while (cpu.value < memory.cpus() && memory.node_of_cpu(cpu) != node->id) ++cpu.value;
    if (cpu.value == memory.cpus()) cpu = CpuId{0};
    const NodeId id = node->id;
    Task& task = add("kswapd" + std::to_string(id.value), cpu);
    machine_.add_task(
        task, [this, &task, id] { kernel_.kswapd(task, id); }, Daemon::yes);
  }
  for (unsigned index = 0; index < kMostPdflushThreads; ++index) {
    Task& task = add(std::string(kPdflush) + std::to_string(index), CpuId{0});
    machine_.add_task(
        task, [this, &task, index] { kernel_.pdflush(task, index); }, Daemon::yes);
  }
  Task& timer = add("writeback timer", CpuId{0});
  machine_.add_task(
      timer, [this, &timer] { kernel_.pdflush_timer(timer); }, Daemon::yes);
}

void Daemons::start_vm_stats_refresh() {
  const int hz = kernel_.memory().config().hz;
  for (std::uint16_t cpu = 0; cpu < kernel_.memory().cpus(); ++cpu) {
    Task& task = add("events/" + std::to_string(cpu), CpuId{cpu});
    const auto body = [this, &task, hz, cpu] {
      machine_.sleep(task, Jiffies{hz + cpu});
      for (;;) {
        kernel_.refresh_vm_stats(task);
        machine_.sleep(task, Jiffies{hz});
      }
    };
    machine_.add_task(task, body, Daemon::yes);
  }
}

}  // namespace numasim
