#pragma once
// A scenario: everything a run depends on, with defaults, ranges and help written once, here and
// in allocator/config.hpp. Times are ns, memory is bytes or pages; the key says which.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "allocator/config.hpp"
#include "allocator/units.hpp"

namespace numasim {

using namespace std::chrono_literals;

/// [begin, end) of physical addresses.
struct MemoryRange {
  Bytes begin;
  Bytes end;
};

/// A NUMA node as a scenario writes it: a size, or ranges when the addresses matter.
struct NodeConfig {
  std::optional<Bytes> memory;      // placed after the node before it
  std::vector<MemoryRange> ranges;  // instead of memory
  int cpus = 1;                     // CPU ids are given in node order
};

/// A block device: request queue and media.
struct DiskConfig {
  std::string name = "sda";
  int nr_requests = 128;
  std::int64_t bandwidth_bytes_per_second = 60'000'000;
  SimDuration overhead = 100us;  // of each request
  SimDuration seek = 4ms;        // when a request does not continue the one before it
  int max_sectors = 1024;
};

/// Memory buses: one controller a node, one link each way between each pair of nodes.
struct MemoryBusConfig {
  std::int64_t controller_bytes_per_second = 6'400'000'000;
  std::int64_t link_bytes_per_second = 2'000'000'000;
  std::int64_t port_bytes_per_second = 4'000'000'000;  // one CPU's share at most
  SimDuration local_latency = 60ns;
  SimDuration hop_latency = 40ns;  // each distance step of 10 beyond the local 10
  PageCount flow_chunk{256};       // pages that travel as one flow
};

struct MachineConfig {
  std::vector<NodeConfig> nodes{NodeConfig{Bytes{std::uint64_t{256} << 20}, {}, 1}};
  std::vector<std::vector<int>> distance;  // absent: 10 local, 20 remote
  std::vector<MemoryRange> reserved;       // RAM the allocator never gets
  std::int64_t cpu_hz = 2'400'000'000;
  MemoryBusConfig memory_bus;
  std::vector<DiskConfig> disks{DiskConfig{}};
};

struct CpusetConfig {
  std::string name;          // path below the root, "/db"
  std::vector<int> mems;     // node ids
  std::vector<int> cpus;
  bool mem_exclusive = false;
};

/// Where the run starts and what it does.
struct WorkloadConfig {
  std::filesystem::path trace;  // JSON Lines; relative to the scenario file
};

struct RunConfig {
  std::filesystem::path start_state;  // state file to start from; empty: boot
  SimDuration sample_interval = 10ms;
  SimDuration time_limit{0};          // 0: until every task has ended
};

struct Scenario {
  int version = 1;
  std::string name;
  std::string description;
  std::string look_at;  // what a reader should look at in the result
  std::uint64_t seed = 1;
  MachineConfig machine;
  KernelConfig kernel;
  CostModel costs;
  std::vector<CpusetConfig> cpusets;
  WorkloadConfig workload;
  RunConfig run;
};

}  // namespace numasim
