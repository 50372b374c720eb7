// The allocator's hot paths, with and without an observer. An unheard step must cost nothing that
// can be measured: compare OrderZeroPair with OrderZeroPairHeard, and TellUnheard with NoTell.

#include <benchmark/benchmark.h>

#include "tests/support/world.hpp"

namespace numasim {
namespace {

/// Counts events and forgets them.
class Counter final : public Observer {
 public:
  void on(const Task&, const Event&) override { ++count; }
  std::int64_t count = 0;
};

struct Bench {
  Bench()
      : machine(250),
        memory(small_layout(1, 1024), {}, {}),
        congestion(machine, memory.steps()),
        allocator(memory, machine, congestion, reclaimer) {}
  Pfn alloc(Order order) {
    return std::get<Pfn>(allocator.alloc_pages(task, GFP_HIGHUSER_MOVABLE, order, NodeId{0}));
  }
  void free(Pfn pfn, Order order) { memory.free_pages(OnCpu{task}, pfn, order); }

  FakeMachine machine;
  Memory memory;
  Congestion congestion;
  ScriptedReclaimer reclaimer;
  PageAllocator allocator;
  Task task;
};

void pairs(benchmark::State& state, Bench& bench, Order order) {
  for (auto _ : state) {
    const Pfn page = bench.alloc(order);
    benchmark::DoNotOptimize(page);
    bench.free(page, order);
  }
}

void OrderZeroPair(benchmark::State& state) {
  Bench bench;
  pairs(state, bench, Order{0});
}
BENCHMARK(OrderZeroPair);

void OrderZeroPairHeard(benchmark::State& state) {
  Bench bench;
  Counter counter;
  bench.memory.steps().listen(&counter);
  pairs(state, bench, Order{0});
  state.counters["events_per_pair"] =
      static_cast<double>(counter.count) / static_cast<double>(state.iterations());
}
BENCHMARK(OrderZeroPairHeard);

void OrderThreePair(benchmark::State& state) {
  Bench bench;
  pairs(state, bench, Order{3});
}
BENCHMARK(OrderThreePair);

void TellUnheard(benchmark::State& state) {
  Steps steps;
  Task task;
  for (auto _ : state) {
    steps.tell(task, event::DrainAll{});
    benchmark::ClobberMemory();
  }
}
BENCHMARK(TellUnheard);

void NoTell(benchmark::State& state) {
  for (auto _ : state) benchmark::ClobberMemory();
}
BENCHMARK(NoTell);

}  // namespace
}  // namespace numasim
