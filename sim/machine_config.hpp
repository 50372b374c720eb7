#pragma once
// The hardware of a scenario, with defaults, ranges and help written once. Times are ns, memory is
// bytes or pages; the key says which. Block devices are in disk_config.hpp.

#include <cstdint>
#include <optional>
#include <vector>

#include "allocator/config.hpp"
#include "allocator/units.hpp"
#include "sim/disk_config.hpp"

namespace numasim {

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
  std::vector<SwapConfig> swap;
};

/// Where the tables below allow no more. Memory ends here at most: page frames are numbered in 32
/// bits. Differs from Linux: x86-64 of 2.6.24 addresses 64 TiB.
inline constexpr Bytes kMostMemory{std::uint64_t{1} << 43};
inline constexpr int kMostCpus = 1024;

template <>
struct Schema<MemoryRange> {
  static constexpr std::string_view help = "physical addresses, from begin up to but without end";
  static constexpr auto fields = std::tuple{
      field("begin_bytes", &MemoryRange::begin, Bytes{0}, kMostMemory,
            "first address; a multiple of 4096"),
      field("end_bytes", &MemoryRange::end, Bytes{0}, kMostMemory,
            "address after the last; a multiple of 4096"),
  };
};

template <>
struct Schema<NodeConfig> {
  static constexpr std::string_view help = "one NUMA node; its id is its place in the list";
  static constexpr auto fields = std::tuple{
      field("memory_bytes", &NodeConfig::memory, Bytes{0}, kMostMemory,
            "RAM, placed at the end of the node before it, from address 0 on: there is no hole "
            "below 4 GiB and none from 640 KiB to 1 MiB; absent: see ranges"),
      field("ranges", &NodeConfig::ranges,
            "RAM by address, instead of memory_bytes, in the order the kernel registers it"),
      field("cpus", &NodeConfig::cpus, 0, kMostCpus,
            "number of CPUs; ids are given in node order, beginning with 0"),
  };
};

template <>
struct Schema<MemoryBusConfig> {
  static constexpr std::string_view help = "memory controllers and the links between nodes";
  static constexpr auto fields = std::tuple{
      field("controller_bytes_per_second", &MemoryBusConfig::controller_bytes_per_second,
            std::int64_t{1'000'000}, kMostBytesPerSecond, "what one node's memory delivers"),
      field("link_bytes_per_second", &MemoryBusConfig::link_bytes_per_second,
            std::int64_t{1'000'000}, kMostBytesPerSecond,
            "what passes from one node to another, each way"),
      field("port_bytes_per_second", &MemoryBusConfig::port_bytes_per_second,
            std::int64_t{1'000'000}, kMostBytesPerSecond, "what one CPU takes at most"),
      field("local_latency_ns", &MemoryBusConfig::local_latency, 0ns, SimDuration{1ms},
            "delay of an access to the CPU's own node"),
      field("hop_latency_ns", &MemoryBusConfig::hop_latency, 0ns, SimDuration{1ms},
            "added for each 10 of node distance beyond the local 10"),
      field("flow_chunk_pages", &MemoryBusConfig::flow_chunk, PageCount{1}, PageCount{1 << 20},
            "pages that travel over the buses as one flow"),
  };
};

template <>
struct Schema<MachineConfig> {
  static constexpr std::string_view help = "the hardware";
  static constexpr auto fields = std::tuple{
      field("nodes", &MachineConfig::nodes, "NUMA nodes, 1 to 64"),
      field("distance", &MachineConfig::distance, 10, 255,
            "node distances as in the SLIT, one row a node; empty: 10 local, 20 remote"),
      field("reserved", &MachineConfig::reserved,
            "RAM in use before the allocator starts, which it never gets"),
      field("cpu_hz", &MachineConfig::cpu_hz, std::int64_t{1'000'000},
            std::int64_t{100'000'000'000}, "clock of every CPU"),
      field("memory_bus", &MachineConfig::memory_bus,
            "memory controllers and the links between nodes"),
      field("disks", &MachineConfig::disks, "block devices; files live on the first"),
      field("swap", &MachineConfig::swap,
            "swap areas, made ready in this order; none: anonymous memory cannot be reclaimed"),
  };
};

}  // namespace numasim
