// The whole simulator: core, engine and flows together, at the sizes that matter. Each row runs in
// a process of its own and counts the CPU time of the run alone. To see where that goes:
//
//     perf record -e cpu-clock -F 8000 build/tests/simulator_bench --benchmark_filter=Herd
//     perf report --no-children

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <deque>
#include <optional>
#include <string>

#include "allocator/kernel.hpp"
#include "sim/hardware/sim_machine.hpp"
#include "sim/settings/machine_layout.hpp"
#include "tests/support/in_child.hpp"

namespace numasim {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Megabytes this process had at most.
std::string peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::to_string(static_cast<double>(usage.ru_maxrss) / 1024);
}

MachineConfig machine_of(int nodes, int cpus, Bytes memory_of_node) {
  MachineConfig config;
  config.nodes.assign(static_cast<std::size_t>(nodes), NodeConfig{});
  for (NodeConfig& node : config.nodes) {
    node.cpus = cpus / nodes;
    node.memory = memory_of_node;
  }
  return config;
}

/// A kernel on a machine, and a task on each CPU that does `work`.
class Bench {
 public:
  explicit Bench(const MachineConfig& config)
      : machine_(config, 250),
        kernel_(to_layout(config), KernelConfig{}, CostModel{}, machine_, 1) {
    machine_.set_listener(&kernel_);
  }

  template <class Work>
  void on_each_cpu(Work work) {
    for (unsigned cpu = 0; cpu < machine_.cpus(); ++cpu) {
      Task& task = add(CpuId{static_cast<std::uint16_t>(cpu)});
      machine_.add_task(task, [this, &task, work] { work(*this, task); });
    }
  }
  Task& add(CpuId cpu) {
    Task& task = tasks_.emplace_back();
    task.id = TaskId{static_cast<std::uint32_t>(tasks_.size())};
    task.name = std::to_string(tasks_.size());
    task.cpu = cpu;
    return task;
  }
  /// CPU time of the run.
  double run() {
    const double begin = cpu_seconds();
    machine_.run();
    return cpu_seconds() - begin;
  }

  SimMachine& machine() { return machine_; }
  Kernel& kernel() { return kernel_; }

 private:
  SimMachine machine_;
  Kernel kernel_;
  std::deque<Task> tasks_;
};

/// Runs `measure` in a child, which returns "seconds mebibytes", and books both.
template <class Measure>
void book(benchmark::State& state, Measure measure) {
  for (auto _ : state) {
    const auto text = in_child([&] {
      const std::string seconds = std::to_string(measure());
      return seconds + ' ' + peak_mib();
    });
    if (!text) return state.SkipWithError("the run failed");
    std::size_t end = 0;
    state.SetIterationTime(std::stod(*text, &end));
    state.counters["peak_MiB"] = std::stod(text->substr(end));
  }
}

/// Pages allocated and freed again on every CPU, 64 held at a time; with flows each is zeroed.
double pages_in_and_out(int cpus, int pages_per_flow, std::int64_t operations) {
  MachineConfig config = machine_of(cpus >= 4 ? 4 : 1, cpus, Bytes{std::uint64_t{1} << 30});
  if (pages_per_flow > 0) config.memory_bus.flow_chunk = PageCount{pages_per_flow};
  Bench bench(config);
  bench.on_each_cpu([=](Bench& on, Task& task) {
    constexpr std::int64_t kHeld = 64;
    std::array<Pfn, kHeld> held{};
    const NodeId home = on.machine().node_of(task.cpu);
    for (std::int64_t i = 0; i < operations / cpus / 2; i += kHeld) {
      for (Pfn& pfn : held) {
        pfn = std::get<Pfn>(on.kernel().alloc_pages(task, GFP_KERNEL, Order{0}, home));
        if (pages_per_flow > 0)
          on.machine().touch(task, home, Bytes{kPageBytes}, Traffic::zero);
      }
      for (const Pfn pfn : held) on.kernel().free_pages(task, pfn, Order{0}, false);
    }
  });
  return bench.run();
}

/// Calls of the allocator a second of CPU time, in exact order.
void Pages(benchmark::State& state) {
  constexpr std::int64_t kOperations = 8'000'000;
  const auto cpus = static_cast<int>(state.range(0));
  const auto flow = static_cast<int>(state.range(1));
  book(state, [&] { return pages_in_and_out(cpus, flow, kOperations); });
  state.SetItemsProcessed(state.iterations() * kOperations);
}
BENCHMARK(Pages)
    ->ArgNames({"cpus", "pages_per_flow"})
    ->ArgsProduct({{1, 4, 16, 64, 256, 1024}, {0, 64, 512}})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// A machine of 8 nodes filled page by page, one CPU a node.
void Fill(benchmark::State& state) {
  const std::uint64_t gib = static_cast<std::uint64_t>(state.range(0));
  const std::int64_t pages = static_cast<std::int64_t>(gib << 18);
  book(state, [&] {
    Bench bench(machine_of(8, 8, Bytes{(gib << 30) / 8}));
    bench.on_each_cpu([=](Bench& on, Task& task) {
      const NodeId home = on.machine().node_of(task.cpu);
      for (std::int64_t page = 0; page < pages / 8 - 65'536; ++page)
        benchmark::DoNotOptimize(
            on.kernel().alloc_pages(task, GFP_HIGHUSER_MOVABLE, Order{0}, home));
    });
    return bench.run();
  });
  state.SetItemsProcessed(state.iterations() * (pages - 8 * 65'536));
}
BENCHMARK(Fill)
    ->ArgName("GiB")
    ->Arg(8)->Arg(64)->Arg(512)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// From nothing to the first event: 1 TiB, 64 nodes of 16 CPUs.
void Start(benchmark::State& state) {
  book(state, [] {
    const double begin = cpu_seconds();
    Bench bench(machine_of(64, 1024, Bytes{std::uint64_t{16} << 30}));
    bench.on_each_cpu([](Bench& on, Task& task) {
      benchmark::DoNotOptimize(
          on.kernel().alloc_pages(task, GFP_KERNEL, Order{0}, on.machine().node_of(task.cpu)));
    });
    bench.run();
    return cpu_seconds() - begin;
  });
}
BENCHMARK(Start)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);

/// Tasks that all sleep in congestion_wait and are woken by one freed request, again and again.
/// Counted from the first wake-up on: that each task gets a stack when it begins is another cost.
void Herd(benchmark::State& state) {
  constexpr int kRounds = 20;
  const auto sleepers = static_cast<int>(state.range(0));
  book(state, [&] {
    Bench bench(machine_of(4, 64, Bytes{std::uint64_t{1} << 30}));
    Congestion congestion(bench.machine(), bench.kernel().memory().steps());
    for (int i = 0; i < sleepers; ++i) {
      Task& task = bench.add(CpuId{static_cast<std::uint16_t>(i % 64)});
      bench.machine().add_task(task, [&] {
        for (int round = 0; round < kRounds; ++round)
          congestion.wait(task, IoDirection::write, Jiffies{250});
      });
    }
    std::optional<double> begin;
    for (int round = 1; round <= kRounds; ++round)
      bench.machine().at(SimTime{std::chrono::milliseconds{500 * round}}, [&] {
        if (!begin) begin = cpu_seconds();
        congestion.cleared(IoDirection::write);
      });
    bench.run();
    return cpu_seconds() - *begin;
  });
  state.SetItemsProcessed(state.iterations() * sleepers * kRounds);
}
BENCHMARK(Herd)
    ->ArgName("sleepers")
    ->Arg(1'000)->Arg(10'000)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// Ten simulated minutes in which one task wakes once a second and kernel daemons tick.
void Idle(benchmark::State& state) {
  book(state, [] {
    Bench bench(machine_of(2, 2, Bytes{std::uint64_t{1} << 30}));
    Task& task = bench.add(CpuId{0});
    bench.machine().add_task(task, [&] {
      for (int second = 0; second < 600; ++second)
        bench.machine().sleep_until(task, SimTime{std::chrono::seconds{second + 1}});
    });
    bench.machine().every(std::chrono::milliseconds{10}, [] {});
    return bench.run();
  });
}
BENCHMARK(Idle)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace numasim
