// Reading traces: records a second, from plain and compressed files, through each part of the way.
// Aim: a million records a second and more, so that reading is not what a run waits for.

#include <benchmark/benchmark.h>

#include <filesystem>

#include "workloads/generate/kinds.hpp"
#include "workloads/line_source.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_reader.hpp"
#include "workloads/trace_stat.hpp"

namespace numasim::trace {
namespace {

/// A generated trace of some hundred thousand records, made once.
std::filesystem::path made(const std::string& kind, const std::string& ending) {
  const auto file =
      std::filesystem::temp_directory_path() / ("numasim-trace-bench-" + kind + ".jsonl" + ending);
  for (const WorkloadKind& candidate : workload_kinds()) {
    if (candidate.name != kind) continue;
    Values values(candidate.parameters);
    if (kind == "orders") values.set("operations", 500'000);
    if (kind == "zipf") values.set("accesses", 500'000);
    generate(candidate, values, 1, file);
  }
  return file;
}

/// Reads the file again and again with `read`, which returns the number of records.
template <class ReadAll>
void measure(benchmark::State& state, const std::string& kind, const std::string& ending,
             ReadAll read) {
  const auto file = made(kind, ending);
  std::uint64_t records = 0;
  for (auto _ : state) records += read(file);
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  std::filesystem::remove(file);
}

std::uint64_t lines_of(const std::filesystem::path& file) {
  LineSource lines(file);
  std::uint64_t count = 0;
  while (lines.next()) ++count;
  return count;
}

std::uint64_t records_of(const std::filesystem::path& file) {
  TraceReader reader(file);
  std::uint64_t count = 0;
  while (const auto record = reader.next()) ++count;
  return count;
}

std::uint64_t checked_records_of(const std::filesystem::path& file) {
  TraceReader reader(file);
  TraceChecker checker;
  std::uint64_t count = 0;
  while (const auto record = reader.next()) {
    checker.check(*record, reader.tasks());
    ++count;
  }
  return count;
}

void Lines(benchmark::State& state) { measure(state, "orders", "", lines_of); }
BENCHMARK(Lines);

void Read(benchmark::State& state) { measure(state, "orders", "", records_of); }
BENCHMARK(Read);

void ReadTouches(benchmark::State& state) { measure(state, "zipf", "", records_of); }
BENCHMARK(ReadTouches);

void ReadGzip(benchmark::State& state) { measure(state, "orders", ".gz", records_of); }
BENCHMARK(ReadGzip);

void ReadZstd(benchmark::State& state) { measure(state, "orders", ".zst", records_of); }
BENCHMARK(ReadZstd);

void ReadAndCheck(benchmark::State& state) { measure(state, "orders", "", checked_records_of); }
BENCHMARK(ReadAndCheck);

void Count(benchmark::State& state) {
  measure(state, "orders", "",
          [](const std::filesystem::path& file) { return statistics_of(file).records; });
}
BENCHMARK(Count);

void Generate(benchmark::State& state) {
  std::uint64_t records = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(made("orders", ""));
    records += 500'000;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
}
BENCHMARK(Generate);

}  // namespace
}  // namespace numasim::trace
