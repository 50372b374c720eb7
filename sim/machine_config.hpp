#pragma once
// The hardware of a scenario, with defaults, ranges and help written once. Times are ns, memory is
// bytes or pages; the key says which. Block devices are in disk_config.hpp.

#include <cstdint>
#include <optional>
#include <string>
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
  std::optional<std::int64_t> cpu_hz{};
  std::optional<std::int64_t> controller_bytes_per_second{};
  std::optional<SimDuration> memory_latency{};
};

/// A connection between two nodes, or a node and a router: a link each way.
struct LinkConfig {
  int from = 0;
  int to = 0;
  std::optional<std::int64_t> bytes_per_second{};
  std::optional<SimDuration> latency{};
};

/// How traffic between nodes travels where no links are given.
enum class Routes : std::uint8_t {
  direct,  // a link of its own between each two nodes
  hops,    // from neighbour to neighbour, as the distances tell
};
template <>
struct EnumNames<Routes> {
  static constexpr std::pair<std::string_view, Routes> values[] = {{"direct", Routes::direct},
                                                                   {"hops", Routes::hops}};
};

/// What the latency of a memory controller does when it is busy.
enum class LoadLatency : std::uint8_t { flat, md1 };
template <>
struct EnumNames<LoadLatency> {
  static constexpr std::pair<std::string_view, LoadLatency> values[] = {
      {"flat", LoadLatency::flat}, {"md1", LoadLatency::md1}};
};

/// All CPUs, or some, run at a part of their clock from a date on.
struct CpuSpeed {
  SimDuration at{0};
  int percent = 100;
  std::vector<int> cpus;  // none: all
};

/// Memory buses: one controller a node, one link each way between each pair of nodes.
struct MemoryBusConfig {
  std::int64_t controller_bytes_per_second = 6'400'000'000;
  std::int64_t link_bytes_per_second = 2'000'000'000;
  std::int64_t port_bytes_per_second = 4'000'000'000;  // one CPU's share at most
  Bytes in_flight{0};  // of one CPU; 0: no limit
  SimDuration local_latency = 60ns;
  SimDuration hop_latency = 40ns;  // each distance step of 10 beyond the local 10
  PageCount flow_chunk{256};       // pages that travel as one flow
  Routes routes = Routes::direct;
  LoadLatency load_latency = LoadLatency::flat;
  SimDuration load_service = 45ns;  // row cycle of the DDR2 of 2007: an estimate
  SimDuration load_window = 100us;
  bool dma = true;  // what devices move takes its part of the buses
};

struct MachineConfig {
  std::vector<NodeConfig> nodes{NodeConfig{Bytes{std::uint64_t{256} << 20}, {}, 1}};
  std::vector<std::vector<int>> distance;  // absent: 10 local, 20 remote
  std::vector<MemoryRange> reserved;       // RAM the allocator never gets
  std::int64_t cpu_hz = 2'400'000'000;
  int threads_per_core = 1;
  int smt_share_percent = 60;  // two siblings together do 1.2 times the work of one: an estimate
  std::vector<CpuSpeed> cpu_speeds;
  MemoryBusConfig memory_bus;
  std::vector<LinkConfig> links;
  int routers = 0;
  std::vector<DiskConfig> disks{DiskConfig{}};
  std::vector<Raid0Config> raid0;
  std::vector<SwapConfig> swap;
  std::string sources;  // where the numbers come from
};

/// Where a task in the kernel may lose its CPU.
enum class Preemption : std::uint8_t {
  anywhere,  // as with CONFIG_PREEMPT
  none,      // CONFIG_PREEMPT_NONE: at cond_resched() and on the way back to user mode
};
template <>
struct EnumNames<Preemption> {
  static constexpr std::pair<std::string_view, Preemption> values[] = {
      {"anywhere", Preemption::anywhere}, {"none", Preemption::none}};
};

/// The kernel's CPU scheduler (CFS of 2.6.24, kernel/sched_fair.c).
struct SchedulerConfig {
  SimDuration latency = 20ms;             // sched_latency: all have run once in it ...
  SimDuration min_granularity = 4ms;      // ... but none shorter than this
  SimDuration wakeup_granularity = 10ms;  // a woken task preempts if so far behind
  SimDuration idle_wakeup{0};
  Preemption preemption = Preemption::anywhere;
  bool balance = true;
};

/// Where the tables below allow no more. Memory ends here at most: page frames are numbered in 32
/// bits. Differs from Linux: x86-64 of 2.6.24 addresses 64 TiB.
inline constexpr Bytes kMostMemory{std::uint64_t{1} << 43};
inline constexpr int kMostCpus = 1024;
inline constexpr std::int64_t kLeastHz = 1'000'000;
inline constexpr std::int64_t kMostHz = 100'000'000'000;
inline constexpr std::int64_t kLeastBytesPerSecond = 1'000'000;

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
      field("cpu_hz", &NodeConfig::cpu_hz, kLeastHz, kMostHz,
            "clock of its CPUs; absent: machine.cpu_hz"),
      field("controller_bytes_per_second", &NodeConfig::controller_bytes_per_second,
            kLeastBytesPerSecond, kMostBytesPerSecond,
            "what its memory delivers; absent: memory_bus.controller_bytes_per_second"),
      field("memory_latency_ns", &NodeConfig::memory_latency, 0ns, SimDuration{1ms},
            "delay of its memory, without the way there; absent: memory_bus.local_latency_ns"),
  };
};

template <>
struct Schema<LinkConfig> {
  static constexpr std::string_view help =
      "a connection: a link each way, unless an entry of its own says how fast the way back is";
  static constexpr int kMostEnds = 1024;
  static constexpr auto fields = std::tuple{
      field("from", &LinkConfig::from, 0, kMostEnds - 1,
            "node at one end; numbers from the number of nodes on are routers"),
      field("to", &LinkConfig::to, 0, kMostEnds - 1, "node or router at the other end"),
      field("bytes_per_second", &LinkConfig::bytes_per_second, kLeastBytesPerSecond,
            kMostBytesPerSecond,
            "what passes, each way; absent: memory_bus.link_bytes_per_second"),
      field("latency_ns", &LinkConfig::latency, 0ns, SimDuration{1ms},
            "added to each access that goes over it; absent: memory_bus.hop_latency_ns"),
  };
};

template <>
struct Schema<CpuSpeed> {
  static constexpr std::string_view help = "a step of the CPUs' speed";
  static constexpr auto fields = std::tuple{
      field("at_ns", &CpuSpeed::at, 0ns, SimDuration{24h * 365}, "date from which on it holds"),
      field("percent", &CpuSpeed::percent, 1, 1000, "speed in percent of the clock"),
      field("cpus", &CpuSpeed::cpus, 0, kMostCpus - 1, "CPUs concerned; empty: all"),
  };
};

template <>
struct Schema<MemoryBusConfig> {
  static constexpr std::string_view help = "memory controllers and the links between nodes";
  static constexpr auto fields = std::tuple{
      field("controller_bytes_per_second", &MemoryBusConfig::controller_bytes_per_second,
            kLeastBytesPerSecond, kMostBytesPerSecond, "what one node's memory delivers"),
      field("link_bytes_per_second", &MemoryBusConfig::link_bytes_per_second,
            kLeastBytesPerSecond, kMostBytesPerSecond,
            "what passes from one node to another, each way"),
      field("port_bytes_per_second", &MemoryBusConfig::port_bytes_per_second,
            kLeastBytesPerSecond, kMostBytesPerSecond, "what one CPU takes at most"),
      field("in_flight_bytes", &MemoryBusConfig::in_flight, Bytes{0}, Bytes{1 << 20},
            "what one CPU may have under way to or from memory: it moves so much in each latency "
            "of the way, and so less from afar; 0: as much as the buses carry"),
      field("local_latency_ns", &MemoryBusConfig::local_latency, 0ns, SimDuration{1ms},
            "delay of an access to the CPU's own node"),
      field("hop_latency_ns", &MemoryBusConfig::hop_latency, 0ns, SimDuration{1ms},
            "added for each 10 of node distance beyond the local 10, or for each given link"),
      field("flow_chunk_pages", &MemoryBusConfig::flow_chunk, PageCount{1}, PageCount{1 << 20},
            "pages that travel over the buses as one flow: fewer feel contention sooner, more run "
            "faster"),
      field("routes", &MemoryBusConfig::routes,
            "direct: each two nodes have a link of their own; hops: nodes at the smallest remote "
            "distance are neighbours, others are reached through them, if the distances grow with "
            "the hops. Not used where machine.links says what there is"),
      field("load_latency", &MemoryBusConfig::load_latency,
            "flat: an access takes as long however busy its controller is; md1: it waits as long "
            "as in a queue with random arrivals and constant service, s*u/(2*(1-u)) with s "
            "load_service_ns and u the utilisation, 0.95 at most"),
      field("load_service_ns", &MemoryBusConfig::load_service, 0ns, SimDuration{1ms},
            "md1: how long one access keeps its part of the memory busy"),
      field("load_window_ns", &MemoryBusConfig::load_window, SimDuration{1us}, SimDuration{1s},
            "md1: utilisation is that of the last whole stretch of this length"),
      field("dma", &MemoryBusConfig::dma,
            "what block devices move goes over the links and controllers too, and takes as long as "
            "they let it"),
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
      field("cpu_hz", &MachineConfig::cpu_hz, kLeastHz, kMostHz,
            "clock of every CPU, where its node does not say otherwise; a trace's compute takes "
            "its time at this clock"),
      field("threads_per_core", &MachineConfig::threads_per_core, 1, 8,
            "CPUs with consecutive ids that share a core (SMT siblings)"),
      field("smt_share_percent", &MachineConfig::smt_share_percent, 1, 100,
            "speed of each of two siblings while both have a task; of n, each has 2/n of it"),
      field("cpu_speeds", &MachineConfig::cpu_speeds,
            "changes of the CPUs' speed; time on the memory buses is not stretched"),
      field("memory_bus", &MachineConfig::memory_bus,
            "memory controllers and the links between nodes"),
      field("links", &MachineConfig::links,
            "connections between nodes and routers; traffic takes the fewest, of equals through "
            "the smallest number; none: memory_bus.routes decides"),
      field("routers", &MachineConfig::routers, 0, 960,
            "switches without CPUs and memory that links may name, numbered after the nodes"),
      field("disks", &MachineConfig::disks, "block devices; files live on the first"),
      field("raid0", &MachineConfig::raid0, "disks made of others"),
      field("swap", &MachineConfig::swap,
            "swap areas, made ready in this order; none: anonymous memory cannot be reclaimed"),
      field("sources", &MachineConfig::sources, "where the machine's numbers come from"),
  };
};

template <>
struct Schema<SchedulerConfig> {
  static constexpr std::string_view help = "the kernel's CPU scheduler";
  static constexpr auto fields = std::tuple{
      field("latency_ns", &SchedulerConfig::latency, SimDuration{100us}, SimDuration{10s},
            "time in which each of a few runnable tasks has run once (sched_latency of 2.6.24, "
            "which multiplies it by 1 + log2 of the CPUs)"),
      field("min_granularity_ns", &SchedulerConfig::min_granularity, SimDuration{10us},
            SimDuration{10s}, "shortest slice among equals (sched_min_granularity, as above)"),
      field("wakeup_granularity_ns", &SchedulerConfig::wakeup_granularity, 0ns, SimDuration{10s},
            "how far behind a woken task must be to get the CPU at once "
            "(sched_wakeup_granularity, as above)"),
      field("idle_wakeup_ns", &SchedulerConfig::idle_wakeup, 0ns, SimDuration{10ms},
            "delay until a woken task runs on an idle CPU, before the context switch"),
      field("preemption", &SchedulerConfig::preemption,
            "where a task in the kernel makes way for another: anywhere it spends time, as with "
            "CONFIG_PREEMPT; or none, as with CONFIG_PREEMPT_NONE: where it calls cond_resched() "
            "and where it goes back to user mode"),
      field("balance", &SchedulerConfig::balance,
            "tasks that wait for a CPU and may use another are taken over by one with less to do: "
            "within the node as soon as that is idle, else on ticks (load_balance)"),
  };
};

}  // namespace numasim
