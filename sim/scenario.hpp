#pragma once
// A scenario: everything a run depends on, with defaults, ranges and help written once: here, in
// machine_config.hpp, disk_config.hpp and allocator/config.hpp. Times are ns, memory is bytes or
// pages; the key says which.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "allocator/config.hpp"
#include "allocator/units.hpp"
#include "sim/machine_config.hpp"

namespace numasim {

using namespace std::chrono_literals;

struct CpusetConfig {
  std::string name;       // path below the root, "/db"
  std::vector<int> mems;  // node ids
  std::vector<int> cpus;
  bool mem_exclusive = false;
  bool cpu_exclusive = false;
  bool memory_migrate = false;
  bool memory_spread_page = false;
  bool memory_spread_slab = false;
};

/// Where the run starts and what it does.
struct WorkloadConfig {
  std::filesystem::path trace;  // JSON Lines; relative to the scenario file
};

struct RunConfig {
  std::filesystem::path start_state;  // state file to start from; empty: boot
  SimDuration sample_interval = 10ms;
  SimDuration time_limit{0};  // 0: until every task has ended
  bool npy = false;           // series.npy beside series.csv
};

/// Newest version of the scenario format that this program knows.
inline constexpr int kScenarioVersion = 1;

struct Scenario {
  int version = kScenarioVersion;
  std::string name;
  std::string description;
  std::string look_at;  // what a reader should look at in the result
  std::uint64_t seed = 1;
  MachineConfig machine;
  KernelConfig kernel;
  SchedulerConfig scheduler;
  CostModel costs;
  std::vector<CpusetConfig> cpusets;
  WorkloadConfig workload;
  RunConfig run;
};

template <>
struct Schema<CpusetConfig> {
  static constexpr std::string_view help = "a cpuset below the root cpuset, which always exists";
  static constexpr auto fields = std::tuple{
      field("name", &CpusetConfig::name, "path below the root, \"/db\" or \"/db/log\""),
      field("mems", &CpusetConfig::mems, 0, 63, "node ids; empty: those of the parent"),
      field("cpus", &CpusetConfig::cpus, 0, kMostCpus - 1, "CPU ids; empty: those of the parent"),
      field("mem_exclusive", &CpusetConfig::mem_exclusive,
            "no sibling shares its nodes, and GFP_KERNEL stays inside (mem_exclusive)"),
      field("cpu_exclusive", &CpusetConfig::cpu_exclusive, "no sibling shares its CPUs"),
      field("memory_migrate", &CpusetConfig::memory_migrate,
            "pages of its tasks move along when its nodes change"),
      field("memory_spread_page", &CpusetConfig::memory_spread_page,
            "page cache of its tasks goes round its nodes"),
      field("memory_spread_slab", &CpusetConfig::memory_spread_slab,
            "slabs of inodes and dentries of its tasks go round its nodes"),
  };
};

template <>
struct Schema<WorkloadConfig> {
  static constexpr std::string_view help = "what the machine is made to do";
  static constexpr auto fields = std::tuple{
      field("trace", &WorkloadConfig::trace,
            "trace to run: JSON Lines, also as .gz or .zst; relative to the file that says so"),
  };
};

template <>
struct Schema<RunConfig> {
  static constexpr std::string_view help = "where the run starts, when it ends, what is recorded";
  static constexpr auto fields = std::tuple{
      field("start_state", &RunConfig::start_state,
            "state file to start from, relative to the file that says so; empty: boot"),
      field("sample_interval_ns", &RunConfig::sample_interval, SimDuration{1us}, SimDuration{1h},
            "simulated time between two samples in series.csv"),
      field("time_limit_ns", &RunConfig::time_limit, 0ns, SimDuration{24h * 365},
            "simulated time at which the run ends; 0: when every task has ended"),
      field("npy", &RunConfig::npy, "write series.npy beside series.csv, for numpy.load"),
  };
};

template <>
struct Schema<Scenario> {
  static constexpr std::string_view help = "a machine, its kernel, and what happens on it";
  static constexpr auto fields = std::tuple{
      field("version", &Scenario::version, 1, kScenarioVersion, "version of this format"),
      field("name", &Scenario::name,
            "letters, digits, '.', '_' and '-'; names the run directory; empty: the file's name"),
      field("description", &Scenario::description, "what the scenario shows"),
      field("look_at", &Scenario::look_at, "what a reader should look at in the result"),
      field("seed", &Scenario::seed, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(),
            "seed of every random choice"),
      field("machine", &Scenario::machine, "the hardware"),
      field("kernel", &Scenario::kernel, "the modelled kernel: era, boot options, sysctls"),
      field("scheduler", &Scenario::scheduler, "the kernel's CPU scheduler"),
      field("costs", &Scenario::costs, "CPU work of the modelled kernel, in cycles"),
      field("cpusets", &Scenario::cpusets, "cpusets below the root cpuset"),
      field("workload", &Scenario::workload, "what the machine is made to do"),
      field("run", &Scenario::run, "where the run starts, when it ends, what is recorded"),
  };
};

}  // namespace numasim
