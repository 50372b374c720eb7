// The speed table of allocator/README.md: CPU time per call (an alloc or a free) in nanoseconds,
// the least of five repetitions, each on a freshly booted machine. Then what boot costs, and that a
// step nobody hears costs nothing: compare TellUnheard with NoTell.
//
//   allocator_bench --benchmark_filter=core/

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>

#include "tests/bench/allocator_rows.hpp"

namespace numasim {
namespace {

/// The least of five results of `run`, which gives seconds.
template <class Run>
double least_of_five(Run run) {
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 5; ++i) least = std::min(least, run());
  return least;
}

double seconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) * 1e-9; }

void run_row(benchmark::State& state, const Row& row) {
  for (auto _ : state) {
    state.SetIterationTime(least_of_five([&row] {
      BenchMachine bench;
      const Timed timed = row.run(bench, row.size);
      return seconds(timed.time) / static_cast<double>(timed.calls);
    }));
  }
}

/// Memory of this process, in MiB.
double resident_mib() {
  long size = 0;
  long resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file) return 0;
  if (std::fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
  std::fclose(file);
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Boot of a machine nobody has touched yet; `resident_MiB` is what it adds to the process.
void boot(benchmark::State& state, std::uint64_t mib, std::uint16_t cpus, std::uint64_t parts) {
  for (auto _ : state) {
    const double before = resident_mib();
    double most = before;
    const double least = least_of_five([&] {
      const Stopwatch watch;
      const BenchMachine bench(mib, cpus);
      const auto time = watch.elapsed();
      most = std::max(most, resident_mib());
      return seconds(time);
    });
    state.SetIterationTime(least / static_cast<double>(parts));
    state.counters["resident_MiB"] = most - before;
  }
}

using benchmark::RegisterBenchmark;

const bool registered = [] {
  for (const Row& row : kRows)
    RegisterBenchmark(("core/" + std::string(row.name)).c_str(), run_row, row)
        ->UseManualTime()
        ->Iterations(1);
  constexpr std::uint64_t kMib = 16 * 1024, kPagesInMib = 256, kMibInTebibyte = 1 << 20;
  RegisterBenchmark("core/boot_per_page", boot, kMib, 1, kMib * kPagesInMib)
      ->UseManualTime()
      ->Iterations(1);
  RegisterBenchmark("core/boot_1TiB_16_cpus", boot, kMibInTebibyte, 16, 1)
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
  return true;
}();

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
