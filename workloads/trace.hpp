#pragma once
// The trace format in memory: what each task does, one record an operation. FORMAT.md describes
// the file; trace_reader and trace_writer move between the two.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "allocator/gfp.hpp"
#include "allocator/units.hpp"

namespace numasim::trace {

inline constexpr int kFormatVersion = 1;

/// Memory policy of a task or of one mapping (MPOL_* of 2.6.24).
enum class PolicyMode : std::uint8_t { standard, preferred, bind, interleave };

struct Policy {
  PolicyMode mode = PolicyMode::standard;
  std::vector<NodeId> nodes{};
  bool operator==(const Policy&) const = default;
};

/// A task as the trace declares it, in the header or by a `task` record before its first use.
struct TaskDeclaration {
  std::string name{};
  CpuId cpu{};
  std::string cpuset = "/";
  Policy policy{};
  bool realtime = false;       // real-time scheduling policy
  bool kernel_thread = false;  // has no address space: the OOM killer leaves it alone
  bool memalloc = false;       // PF_MEMALLOC from the start
  int oom_adj = 0;
  int nice = 0;
  bool superuser = false;     // uid 0
  bool raw_io = false;        // CAP_SYS_RAWIO
  bool init = false;          // the global init: never killed, a failed fault is tried again
  std::string parent{};       // a task declared before; empty: init
  std::string mm_of{};        // shares the address space of a task declared before; empty: its own
  bool make_it_fail = false;  // fault injection with a task filter may fail its requests
  std::vector<CpuId> cpus{};  // CPUs it may use, `cpu` among them; none: that one only
  int rt_priority = 0;        // of a real-time task; 0: 1
  bool operator==(const TaskDeclaration&) const = default;
};

/// Allocates `count` blocks; the i-th gets id + i. Freeing a block whose allocation failed is
/// allowed and does nothing, so whether a trace is valid does not depend on how its run goes.
struct Alloc {
  std::uint64_t id = 0;
  std::uint64_t count = 1;
  Order order{};
  Gfp gfp = GFP_KERNEL;
  std::optional<NodeId> node{};  // alloc_pages_node; absent: the task's policy
  bool operator==(const Alloc&) const = default;
};

/// Frees `count` blocks, id, id + 1, ...; or, when `pfn` is given, the one block of `order` there,
/// which the start state must hold in use.
struct Free {
  std::uint64_t id = 0;
  std::uint64_t count = 1;
  bool cold = false;  // to the cold per-CPU list
  std::optional<Pfn> pfn{};
  Order order{};  // of the block at `pfn`; that of an id is known
  bool operator==(const Free&) const = default;
};

/// Makes a region of anonymous memory, or of a file when `file` is not empty. No page is taken yet.
struct Map {
  std::string region{};
  PageCount length{};
  std::string file{};
  bool shared = false;
  std::optional<Policy> policy{};
  std::string device{};  // where the file lies; empty: on the first, or as a record before said
  bool operator==(const Map&) const = default;
};

/// Touches pages [first, first + count) of a region in ascending order; untouched ones fault.
struct Touch {
  std::string region{};
  PageCount first{0};
  PageCount count{};
  bool write = true;
  bool operator==(const Touch&) const = default;
};

/// Unmaps a region: its anonymous pages are freed, its file pages stay in the page cache.
struct Unmap {
  std::string region{};
  bool operator==(const Unmap&) const = default;
};

/// Reads pages [first, first + count) of a file through the page cache.
struct Read {
  std::string file{};
  PageCount first{0};
  PageCount count{};
  std::string device{};  // as in Map
  bool operator==(const Read&) const = default;
};

/// Writes whole pages [first, first + count) of a file into the page cache.
struct Write {
  std::string file{};
  PageCount first{0};
  PageCount count{};
  std::string device{};  // as in Map
  bool operator==(const Write&) const = default;
};

/// Runs on the CPU.
struct Compute {
  SimDuration duration{0};
  bool operator==(const Compute&) const = default;
};

struct Sleep {
  SimDuration duration{0};
  bool operator==(const Sleep&) const = default;
};

/// Ends the task: its regions are unmapped; blocks it allocated and did not free stay allocated.
struct Exit {
  bool operator==(const Exit&) const = default;
};

/// Empties the per-CPU lists: this CPU's, or every CPU's beginning with this one.
struct Drain {
  bool all_cpus = false;
  bool operator==(const Drain&) const = default;
};

/// The once-a-second refresh of this CPU's counters (refresh_cpu_vm_stats), folding only: see
/// Header::vm_stats_refresh.
struct RefreshVmStats {
  bool operator==(const RefreshVmStats&) const = default;
};

/// Frees one batch of this CPU's hot and one of its cold list of a zone, as the refresh does with
/// a remote pageset left alone for three seconds (drain_zone_pages).
struct TrimPageset {
  NodeId node{};
  ZoneType zone = ZoneType::normal;
  bool operator==(const TrimPageset&) const = default;
};

// Settings changed while the machine runs, by the task whose record it is. `who` is the task that
// is meant; empty: the task itself. What the kernel refuses (EINVAL, EBUSY, ...) changes nothing
// and counts as a refused call.

/// Writes a file below /proc/sys/vm.
struct Sysctl {
  std::string name{};
  std::vector<std::int64_t> values{};
  bool operator==(const Sysctl&) const = default;
};

/// Writes files of a cpuset: what is absent stays. All changes are tried together.
struct ChangeCpuset {
  std::string cpuset = "/";
  std::optional<std::vector<NodeId>> mems{};
  std::optional<std::vector<CpuId>> cpus{};
  std::optional<bool> mem_exclusive{}, cpu_exclusive{}, memory_migrate{}, memory_spread_page{},
      memory_spread_slab{};
  std::optional<bool> memory_pressure_enabled{};  // of the root: for all
  bool operator==(const ChangeCpuset&) const = default;
};

/// Writes a task's number into the file `tasks` of a cpuset.
struct MoveTask {
  std::string who{};
  std::string cpuset = "/";
  bool operator==(const MoveTask&) const = default;
};

/// set_mempolicy() of the task itself.
struct SetMempolicy {
  Policy policy{};
  bool operator==(const SetMempolicy&) const = default;
};

/// Which pages mbind() moves: MPOL_MF_MOVE those only this task maps, MPOL_MF_MOVE_ALL all.
enum class MovePages : std::uint8_t { none, own, all };

/// mbind() of a whole region.
struct Mbind {
  std::string region{};
  Policy policy{};
  MovePages move = MovePages::none;
  bool operator==(const Mbind&) const = default;
};

/// migrate_pages(): the task's pages on the nodes `from` go to the nodes `to`.
struct MigratePages {
  std::string who{};
  std::vector<NodeId> from{}, to{};
  bool operator==(const MigratePages&) const = default;
};

/// sync(): until all that is dirty is written.
struct Sync {
  bool operator==(const Sync&) const = default;
};

/// Writes /proc/PID/oom_adj.
struct OomAdj {
  std::string who{};
  int value = 0;
  bool operator==(const OomAdj&) const = default;
};

/// setpriority().
struct Nice {
  std::string who{};
  int value = 0;
  bool operator==(const Nice&) const = default;
};

/// Waits until another task has carried out so many of its records, or has ended.
struct Wait {
  std::string who{};
  std::optional<std::uint64_t> records{};  // absent: until it has ended
  bool operator==(const Wait&) const = default;
};

/// Looks up names [first, first + count) of a directory, as updatedb does.
struct LookUp {
  std::string directory{};
  std::uint64_t first = 0;
  std::uint64_t count = 1;
  bool operator==(const LookUp&) const = default;
};

using Operation = std::variant<Alloc, Free, Map, Touch, Unmap, Read, Write, Compute, Sleep, Exit,
                               Drain, RefreshVmStats, TrimPageset, Sysctl, ChangeCpuset, MoveTask,
                               SetMempolicy, Mbind, MigratePages, Sync, OomAdj, Nice, Wait,
                               LookUp>;

/// Where a record stands in its file, for messages.
struct Position {
  std::uint64_t line = 0;    // from 1
  std::uint64_t column = 0;  // from 1, in bytes: where the record's text begins
  bool operator==(const Position&) const = default;
};

/// One operation of one task.
struct Record {
  std::optional<SimTime> not_before{};  // open loop; absent: as soon as the task is free
  std::uint32_t task = 0;               // index into Header::tasks and later declarations, in order
  bool in_interrupt = false;
  bool memalloc = false;  // PF_MEMALLOC for this operation
  Operation operation{};
  Position position{};
};

/// Who refreshes the per-CPU counters and trims remote pagesets: the machine, once a second, or
/// only the refresh_vm_stats and trim_pageset records of the trace.
enum class VmStatsRefresh : std::uint8_t { periodic, recorded };

struct Header {
  int version = kFormatVersion;
  std::string description{};
  VmStatsRefresh vm_stats_refresh = VmStatsRefresh::periodic;
  std::vector<TaskDeclaration> tasks{};
};

}  // namespace numasim::trace
