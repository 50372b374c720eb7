// What the engine costs: operations per second of CPU time, each operation some 60 to 90 ns of
// simulated work on one of N CPUs, in exact order. With flows, each operation also touches a page.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <deque>
#include <string>

#include "sim/hardware/sim_machine.hpp"
#include "tests/support/in_child.hpp"

namespace numasim {
namespace {

constexpr std::int64_t kOperations = 4'000'000;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

MachineConfig machine_of(int cpus) {
  MachineConfig config;
  config.nodes.assign(cpus >= 4 ? 4 : 1, NodeConfig{});
  for (NodeConfig& node : config.nodes) {
    node.cpus = cpus / static_cast<int>(config.nodes.size());
  }
  return config;
}

/// Runs all operations on a fresh machine; the CPU time it took, as text.
std::string run_operations(int cpus, int flow_chunk) {
  MachineConfig config = machine_of(cpus);
  if (flow_chunk > 0) config.memory_bus.flow_chunk = PageCount{flow_chunk};
  SimMachine machine(config, 250);
  std::deque<Task> tasks;
  for (int cpu = 0; cpu < cpus; ++cpu) {
    Task& task = tasks.emplace_back();
    task.id = TaskId{static_cast<std::uint32_t>(cpu)};
    task.cpu = CpuId{static_cast<std::uint16_t>(cpu)};
    machine.add_task(task, [&machine, &task, cpus, flow_chunk] {
      std::uint64_t state = task.id.value;
      const NodeId home = machine.node_of(task.cpu);
      for (std::int64_t i = 0; i < kOperations / cpus; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        task.meter.add(Cycles{144 + static_cast<std::int64_t>(state >> 58)});
        if (flow_chunk > 0) {
          machine.touch(task, home, Bytes{kPageBytes}, Traffic::touch);
        } else {
          machine.spend(task);
        }
      }
    });
  }
  const double begin = cpu_seconds();
  machine.run();
  return std::to_string(cpu_seconds() - begin);
}

void Operations(benchmark::State& state) {
  const auto cpus = static_cast<int>(state.range(0));
  const auto flow_chunk = static_cast<int>(state.range(1));
  for (auto _ : state) {
    const auto seconds = in_child([&] { return run_operations(cpus, flow_chunk); });
    if (!seconds) return state.SkipWithError("the run failed");
    state.SetIterationTime(std::stod(*seconds));
  }
  state.SetItemsProcessed(state.iterations() * kOperations);
}

BENCHMARK(Operations)
    ->ArgNames({"cpus", "pages_per_flow"})
    ->ArgsProduct({{1, 4, 16, 64}, {0, 64, 512}})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// Building and ending a machine of 64 nodes with 16 CPUs each.
void LargestMachine(benchmark::State& state) {
  for (auto _ : state) {
    const auto seconds = in_child([] {
      const double begin = cpu_seconds();
      MachineConfig config;
      config.nodes.assign(64, NodeConfig{});
      for (NodeConfig& node : config.nodes) node.cpus = 16;
      SimMachine machine(config, 250);
      Task task;
      machine.add_task(task, [&] { machine.touch(task, NodeId{63}, Bytes{1 << 21}, {}); });
      machine.run();
      return std::to_string(cpu_seconds() - begin);
    });
    if (!seconds) return state.SkipWithError("the run failed");
    state.SetIterationTime(std::stod(*seconds));
  }
}

BENCHMARK(LargestMachine)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);

/// Wakes all writers as the core does when a queue is no longer congested.
struct Herd : BlockListener {
  explicit Herd(SimMachine& on) : machine(on) {}
  void io_completed(const Bio&) override { ++completed; }
  void congestion_cleared(DeviceId, IoDirection) override { machine.wake_all(queue); }

  SimMachine& machine;
  WaitQueue queue{"congestion"};
  std::int64_t completed = 0;
  std::int64_t waits = 0;
};

/// A thousand writers of 50 scattered pages each before one slow disk; each waits in
/// congestion_wait(HZ/50) while the queue is congested.
void CongestedWriters(benchmark::State& state) {
  constexpr int kWriters = 1000, kWrites = 50;
  double waits = 0;
  for (auto _ : state) {
    const auto text = in_child([] {
      MachineConfig config;
      config.disks = {{.overhead = 0ns}};
      SimMachine machine(config, 250);
      Herd herd(machine);
      machine.set_listener(&herd);
      std::deque<Task> tasks;
      for (std::uint32_t id = 1; id <= kWriters; ++id) {
        Task& task = tasks.emplace_back();
        task.id = TaskId{id};
        machine.add_task(task, [&machine, &herd, &task] {
          for (std::uint64_t i = 0; i < kWrites; ++i) {
            for (; machine.is_congested(DeviceId{0}, IoDirection::write); ++herd.waits) {
              machine.wait(task, herd.queue, Jiffies{5});
            }
            const std::uint64_t page = task.id.value + i * 10 * kWriters;
            machine.submit(task, {IoDirection::write, DeviceId{0}, page * 80, Bytes{kPageBytes}});
          }
          while (herd.completed < kWriters * kWrites) machine.sleep(task, Jiffies{250});
        });
      }
      const double begin = cpu_seconds();
      machine.run();
      return std::to_string(cpu_seconds() - begin) + ' ' + std::to_string(herd.waits);
    });
    if (!text) return state.SkipWithError("the run failed");
    std::size_t end = 0;
    state.SetIterationTime(std::stod(*text, &end));
    waits += std::stod(text->substr(end));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(waits));
  state.counters["waits"] = waits;
}

BENCHMARK(CongestedWriters)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace numasim
