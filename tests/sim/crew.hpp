#pragma once
// A simulated machine with a few tasks that write down what they do and when.

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/hardware/sim_machine.hpp"

namespace numasim {

using namespace std::chrono_literals;

/// A machine of `nodes` nodes with `cpus` CPUs each: 1 GHz, so that a cycle is a nanosecond;
/// 20 GB/s controllers, 6 GB/s links; a disk "sda" of 100 MB/s without overhead and seeks.
inline MachineConfig plain_machine(int nodes, int cpus) {
  MachineConfig config;
  config.nodes.assign(static_cast<std::size_t>(nodes), NodeConfig{});
  for (NodeConfig& node : config.nodes) node.cpus = cpus;
  config.cpu_hz = 1'000'000'000;
  config.memory_bus = {.controller_bytes_per_second = 20'000'000'000,
                       .link_bytes_per_second = 6'000'000'000,
                       .port_bytes_per_second = 20'000'000'000,
                       .local_latency = 0ns,
                       .hop_latency = 0ns,
                       .flow_chunk = PageCount{1}};
  config.disks = {{.name = "sda",
                   .bandwidth_bytes_per_second = 100'000'000,
                   .overhead = 0ns,
                   .seek = 0ns,
                   .completion = 0ns,
                   .completion_per_page = 0ns,
                   .queue_lock_hold = 0ns}};
  return config;
}

class Crew {
 public:
  explicit Crew(const MachineConfig& config, int hz = 250, const SchedulerConfig& scheduler = {})
      : machine(config, hz, Cycles{0}, {}, scheduler) {}

  /// Starts `work` as a task on a CPU.
  Task& add(const std::string& name, int cpu, std::function<void(Task&)> work,
            Daemon daemon = Daemon::no) {
    Task& task = tasks_.emplace_back();
    task.id = TaskId{static_cast<std::uint32_t>(tasks_.size())};
    task.name = name;
    task.cpu = CpuId{static_cast<std::uint16_t>(cpu)};
    machine.add_task(
        task, [&task, work = std::move(work)] { work(task); }, daemon);
    return task;
  }
  void spend(Task& task, SimDuration time) {
    task.meter.add(Cycles{to_ns(time)});
    machine.spend(task);
  }
  /// Writes "date who what" into the log.
  void note(const Task& task, const std::string& what) {
    log.push_back(std::to_string(to_ns(machine.now())) + ' ' + task.name + ' ' + what);
  }

  SimMachine machine;
  std::vector<std::string> log;

 private:
  std::deque<Task> tasks_;
};

constexpr SimTime at(SimDuration since_start) { return SimTime{since_start}; }

}  // namespace numasim
