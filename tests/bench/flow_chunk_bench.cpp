// What the pages of a flow cost in exactness and buy in speed: eight CPUs on two nodes zero and
// copy pages, by turns at home and on the other node, with work of varying length in between. Each
// row's error is how far the tasks' ends are, on average, from those with flows of one page.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <sstream>
#include <string>
#include <vector>

#include "sim/hardware/sim_machine.hpp"
#include "tests/support/in_child.hpp"

namespace numasim {
namespace {

constexpr int kNodes = 2, kCpusOfNode = 4;
constexpr std::int64_t kPages = 40'000;  // of each task

/// CPU seconds of the run, then the date at which each task ended.
std::string zero_pages(std::int64_t chunk) {
  MachineConfig config;
  config.nodes.assign(kNodes, NodeConfig{});
  for (NodeConfig& node : config.nodes) node.cpus = kCpusOfNode;
  config.memory_bus.flow_chunk = PageCount{chunk};
  SimMachine machine(config, 250);
  std::deque<Task> tasks;
  std::vector<std::int64_t> ends(kNodes * kCpusOfNode);
  for (std::uint16_t cpu = 0; cpu < ends.size(); ++cpu) {
    Task& task = tasks.emplace_back();
    task.id = TaskId{cpu};
    task.cpu = CpuId{cpu};
    machine.add_task(task, [&machine, &task, &ends] {
      std::uint64_t state = task.id.value;
      for (std::int64_t page = 0; page < kPages; ++page) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        task.meter.add(Cycles{500 + static_cast<std::int64_t>(state >> 52)});
        const bool away = page / 5'000 % 2 == task.id.value % 2;
        const NodeId home = machine.node_of(task.cpu);
        const NodeId node = away ? NodeId{static_cast<std::uint16_t>(1 - home.value)} : home;
        machine.touch(task, node, Bytes{kPageBytes}, page % 3 ? Traffic::zero : Traffic::scan);
      }
      machine.spend(task);
      ends[task.id.value] = to_ns(machine.now());
    });
  }
  const std::clock_t begin = std::clock();
  machine.run();
  std::ostringstream text;
  text << static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  for (const std::int64_t end : ends) text << ' ' << end;
  return text.str();
}

struct Outcome {
  double seconds = 0;
  std::vector<double> ends;
};

Outcome outcome_of(std::int64_t chunk) {
  Outcome outcome;
  const auto text = in_child([&] { return zero_pages(chunk); });
  if (!text) return outcome;
  std::istringstream words(*text);
  words >> outcome.seconds;
  for (double end = 0; words >> end;) outcome.ends.push_back(end);
  return outcome;
}

void FlowChunk(benchmark::State& state) {
  static const Outcome exact = outcome_of(1);
  for (auto _ : state) {
    const Outcome outcome = outcome_of(state.range(0));
    if (outcome.ends.empty() || outcome.ends.size() != exact.ends.size())
      return state.SkipWithError("the run failed");
    state.SetIterationTime(outcome.seconds);
    double error = 0;
    for (std::size_t i = 0; i < exact.ends.size(); ++i)
      error += std::abs(outcome.ends[i] - exact.ends[i]) / exact.ends[i];
    state.counters["error_percent"] = 100 * error / static_cast<double>(exact.ends.size());
  }
  state.SetItemsProcessed(state.iterations() * kPages * kNodes * kCpusOfNode);
}

BENCHMARK(FlowChunk)
    ->ArgName("pages")
    ->Arg(1)
    ->Arg(16)
    ->Arg(64)
    ->Arg(256)
    ->Arg(512)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace numasim
