#pragma once
// A task of the trace: takes its records, one after the other, to the kernel.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "allocator/kernel.hpp"
#include "sim/hardware/sim_machine.hpp"
#include "sim/run/trace_feed.hpp"

namespace numasim {

class TraceTask;

/// A block that an alloc record asks for.
struct BlockRequest {
  Gfp gfp;
  Order order;
};

/// What all tasks of a run share.
struct TraceWorld {
  SimMachine& machine;
  Kernel& kernel;
  TraceFeed& feed;
  std::int64_t cpu_hz;
  SimDuration tick;
  std::map<std::string, DeviceId, std::less<>> devices;  // by name
  std::vector<TraceTask*> tasks{};  // in the order of the trace
  WaitQueue block_wait{"a block that is freed before it is allocated"};
  /// Asks otherwise than the trace says: `call` counts the blocks a task asks for, from 1 on.
  std::function<void(const Task& task, std::uint64_t call, BlockRequest& request)> ask_otherwise{};
  WaitQueue progress{"another task's progress", WaitQueue::Sleep::interruptible};
};

/// How a task came to its end.
enum class TaskEnding : std::uint8_t { still_there, exited, killed, fault_failed };

std::string_view to_string(TaskEnding ending);

/// What a task has done; kept when it is gone.
struct TaskTally {
  std::int64_t records = 0;  // carried out, wholly or in part
  std::int64_t allocations_failed = 0;
  std::int64_t calls_refused = 0;    // changes of settings that the kernel did not make
  std::int64_t accesses_failed = 0;  // reads and writes of files that found no memory
  TaskEnding ending = TaskEnding::still_there;
};

class TraceTask {
 public:
  /// `index` is the task's in the trace.
  TraceTask(TraceWorld& world, Task& task, std::uint32_t index)
      : world_(world), task_(task), index_(index) {}

  /// It has its regions in another task's address space, under names of its own.
  void share_memory() { shares_memory_ = true; }
  /// It may use these CPUs, as far as its cpuset has them, and not only the one it begins on.
  /// Requires: the machine has the task.
  void roam_over(std::vector<CpuId> cpus);
  Task& task() { return task_; }

  /// From its first record to its exit. Suspends.
  void run();

  const TaskTally& tally() const { return tally_; }
  /// The block that an alloc record asks for right now, counted from 1 over the whole trace.
  std::optional<std::uint64_t> alloc_call() const { return alloc_call_; }

 private:
  enum class After : std::uint8_t { go_on, leave };

  After carry_out(Step& step);
  After carry_out(const trace::Alloc& alloc, Step& step);
  AllocResult ask_for_block(const trace::Alloc& alloc);
  After carry_out(const trace::Free& free, Step& step);
  void expect_file(const std::string& file, const std::string& device);
  After carry_out(const trace::Map& map, Step&);
  After carry_out(const trace::Touch& touch, Step&);
  After carry_out(const trace::Unmap& unmap, Step&);
  After carry_out(const trace::Read& read, Step&);
  After carry_out(const trace::Write& write, Step&);
  After carry_out(const trace::Compute& compute, Step&);
  After carry_out(const trace::Sleep& sleep, Step&);
  After carry_out(const trace::Exit&, Step&) { return After::leave; }
  After carry_out(const trace::Drain& drain, Step&);
  After carry_out(const trace::RefreshVmStats&, Step&);
  After carry_out(const trace::TrimPageset& trim, Step&);

  // trace_task_settings.cpp
  After carry_out(const trace::Sysctl& sysctl, Step&);
  After carry_out(const trace::ChangeCpuset& change, Step&);
  After carry_out(const trace::MoveTask& move, Step&);
  After carry_out(const trace::SetMempolicy& set, Step&);
  After carry_out(const trace::Mbind& mbind, Step&);
  After carry_out(const trace::MigratePages& migrate, Step&);
  After carry_out(const trace::LookUp& look_up, Step&);
  After carry_out(const trace::Sync&, Step&);
  After carry_out(const trace::OomAdj& adj, Step&);
  After carry_out(const trace::Nice& nice, Step&);
  After carry_out(const trace::Wait& wait, Step&);
  After accepted_if(bool accepted);
  void follow_cpuset();
  TraceTask& named(const std::string& who);
  std::string own_region(const std::string& name) const;

  After after(Done done);
  void free_slice(const BlockSlice& slice, bool cold);
  Order order_of(const Allocation& allocation, Pfn pfn) const;
  void leave();

  TraceWorld& world_;
  Task& task_;
  std::uint32_t index_;
  TaskTally tally_;
  std::uint64_t records_done_ = 0;
  std::uint64_t alloc_calls_ = 0;
  std::optional<std::uint64_t> alloc_call_;
  bool has_ended_ = false;
  bool shares_memory_ = false;
  bool roams_ = false;
};

MemPolicy::Mode to_mode(trace::PolicyMode mode);

/// The core's form of a policy as a trace or a scenario writes it.
std::optional<MemPolicy> to_mem_policy(const MemPolicies& policies, const trace::Policy& policy,
                                       const Task* task);

}  // namespace numasim
