#include "sim/run/run_stats.hpp"

#include <numeric>
#include <string>
#include <utility>

namespace numasim {
namespace {

using results::Stat;

/// Where the time of all tasks went.
struct TimeSums {
  SimDuration running{0}, memory{0}, runnable{0}, sleeping{0}, waiting{0};

  void add(const TaskTimes& times) {
    running += times.running;
    memory += times.memory;
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
  stats.add("tasks", "runnable_ns", to_ns(time.runnable), "ready, their CPU with another task");
  stats.add("tasks", "sleeping_ns", to_ns(time.sleeping), "asleep for a time");
  stats.add("tasks", "waiting_ns", to_ns(time.waiting), "asleep until something happens");
  stats.add("records", "carried_out", sum.records, "records of the trace, wholly or in part");
  stats.add("records", "skipped", skipped, "records of tasks that had been killed");
  stats.add("records", "allocations_failed", sum.allocations_failed, "blocks alloc did not get");
  stats.add("records", "accesses_failed", sum.accesses_failed, "reads and writes without memory");
  stats.add("records", "calls_refused", sum.calls_refused, "changes of settings not made");
}

std::int64_t sum_of(const std::array<std::int64_t, kZoneTypes>& by_zone) {
  return std::accumulate(by_zone.begin(), by_zone.end(), std::int64_t{0});
}

void add_vm_events(Counting& stats, const VmEvents& now, const VmEvents& before) {
  const auto add = [&](std::string name, std::int64_t VmEvents::*counter, std::string what) {
    stats.add("vm_events", std::move(name), now.*counter - before.*counter, std::move(what));
  };
  const auto add_zones = [&](std::string name, std::array<std::int64_t, kZoneTypes> VmEvents::*by,
                             std::string what) {
    const std::int64_t change = sum_of(now.*by) - sum_of(before.*by);
    stats.add("vm_events", std::move(name), change, std::move(what));
  };
  add_zones("pgalloc", &VmEvents::pgalloc, "pages allocated");
  add("pgfree", &VmEvents::pgfree, "pages freed");
  add("pgfault", &VmEvents::pgfault, "page faults");
  add("pgmajfault", &VmEvents::pgmajfault, "page faults that read from disk");
  add("pgactivate", &VmEvents::pgactivate, "pages moved to an active list");
  add("pgdeactivate", &VmEvents::pgdeactivate, "pages moved to an inactive list");
  add_zones("pgrefill", &VmEvents::pgrefill, "pages of active lists looked at");
  add_zones("pgscan_kswapd", &VmEvents::pgscan_kswapd, "pages of inactive lists kswapd looked at");
  add_zones("pgscan_direct", &VmEvents::pgscan_direct, "the same, by tasks");
  add_zones("pgsteal", &VmEvents::pgsteal, "pages reclaimed");
  add("kswapd_steal", &VmEvents::kswapd_steal, "pages reclaimed by kswapd");
  add("pageoutrun", &VmEvents::pageoutrun, "balancing runs of kswapd");
  add("allocstall", &VmEvents::allocstall, "direct reclaims");
  add("pgrotated", &VmEvents::pgrotated, "written pages moved to the end of the inactive list");
  add("pgpgin", &VmEvents::pgpgin, "sectors read");
  add("pgpgout", &VmEvents::pgpgout, "sectors written");
}

}  // namespace

std::vector<Stat> run_stats(Simulation& simulation, const VmEvents& at_start) {
  std::vector<Stat> stats;
  Counting counting(stats);
  add_tasks(counting, simulation);
  add_vm_events(counting, simulation.kernel().memory().events(), at_start);
  const MemoryBus& bus = simulation.machine().memory_bus();
  counting.add("memory_bus", "flows", bus.flows(), "flows sent over the memory buses");
  counting.add("memory_bus", "flow_bytes", static_cast<std::int64_t>(bus.flow_bytes().value),
               "bytes they carried");
  return stats;
}

}  // namespace numasim
