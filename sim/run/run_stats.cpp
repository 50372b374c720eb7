#include "sim/run/run_stats.hpp"

#include <string>
#include <utility>

namespace numasim {
namespace {

using results::Stat;

/// Where the time of all tasks went.
struct TimeSums {
  SimDuration running{0}, memory{0}, spinning{0}, runnable{0}, sleeping{0}, waiting{0};

  void add(const TaskTimes& times) {
    running += times.running;
    memory += times.memory;
    spinning += times.spinning;
    runnable += times.runnable;
    sleeping += times.sleeping;
    for (const QueueTime& wait : times.waits) waiting += wait.total;
  }
};

class Counting {
 public:
  explicit Counting(std::vector<Stat>& stats) : stats_(stats) {}

  void add(std::string place, std::string name, std::int64_t value, std::string what) {
    stats_.push_back({{std::move(place), std::move(name)}, value, std::move(what)});
  }

 private:
  std::vector<Stat>& stats_;
};

void add_tasks(Counting& stats, const Simulation& simulation) {
  TaskTally sum;
  std::int64_t skipped = 0, exited = 0, killed = 0, fault_failed = 0;
  TimeSums time;
  std::uint32_t index = 0;
  for (const Simulation::Actor& actor : simulation.actors()) {
    const TaskTally& tally = actor.trace.tally();
    sum.records += tally.records;
    sum.allocations_failed += tally.allocations_failed;
    sum.accesses_failed += tally.accesses_failed;
    sum.calls_refused += tally.calls_refused;
    exited += tally.ending == TaskEnding::exited;
    killed += tally.ending == TaskEnding::killed;
    fault_failed += tally.ending == TaskEnding::fault_failed;
    skipped += static_cast<std::int64_t>(simulation.feed().skipped(index++));
    time.add(simulation.machine().times(actor.task.id));
  }
  const auto total = static_cast<std::int64_t>(simulation.actors().size());
  stats.add("tasks", "total", total, "tasks of the trace");
  stats.add("tasks", "exited", exited, "came to their end by themselves");
  stats.add("tasks", "killed", killed, "ended by the OOM killer");
  stats.add("tasks", "fault_failed", fault_failed, "ended by a page fault that found no memory");
  stats.add("tasks", "running_ns", to_ns(time.running), "all tasks: computing on their CPU");
  stats.add("tasks", "memory_ns", to_ns(time.memory), "on their CPU, waiting for memory traffic");
  stats.add("tasks", "spinning_ns", to_ns(time.spinning), "on their CPU, waiting for spinlocks");
  stats.add("tasks", "runnable_ns", to_ns(time.runnable), "ready, their CPU with another task");
  stats.add("tasks", "sleeping_ns", to_ns(time.sleeping), "asleep for a time");
  stats.add("tasks", "waiting_ns", to_ns(time.waiting), "asleep until something happens");
  stats.add("records", "carried_out", sum.records, "records of the trace, wholly or in part");
  stats.add("records", "skipped", skipped, "records of tasks that had been killed");
  stats.add("records", "allocations_failed", sum.allocations_failed, "blocks alloc did not get");
  stats.add("records", "accesses_failed", sum.accesses_failed, "reads and writes without memory");
  stats.add("records", "calls_refused", sum.calls_refused, "changes of settings not made");
}

/// The changes of /proc/vmstat.
void add_vmstat(Counting& stats, const VmstatValues& now, const VmstatValues& before) {
  for (std::size_t i = 0; i < kVmstatItems; ++i) {
    const std::string name(kVmstatNames[i]);
    const char* what = name.starts_with("nr_") && name != "nr_vmscan_write"
                           ? "change over the run, in pages"
                           : "counted during the run";
    stats.add("vmstat", name, now[i] - before[i], what);
  }
}

}  // namespace

std::vector<Stat> run_stats(Simulation& simulation, const VmstatValues& at_start) {
  std::vector<Stat> stats;
  Counting counting(stats);
  add_tasks(counting, simulation);
  add_vmstat(counting, proc_vmstat(simulation.kernel().memory()), at_start);
  const MemoryBus& bus = simulation.machine().memory_bus();
  counting.add("memory_bus", "flows", bus.flows(), "flows sent over the memory buses");
  counting.add("memory_bus", "flow_bytes", static_cast<std::int64_t>(bus.flow_bytes().value),
               "bytes they carried");
  counting.add("memory_bus", "flow_chunk_pages", static_cast<std::int64_t>(bus.flow_chunk().value),
               "pages of a flow: contention is felt so many pages late at most");
  return stats;
}

}  // namespace numasim
