#pragma once
// The simulated system of one scenario: hardware, kernel, daemons and the tasks of the trace.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "allocator/kernel.hpp"
#include "sim/hardware/sim_machine.hpp"
#include "sim/run/daemons.hpp"
#include "sim/run/trace_feed.hpp"
#include "sim/run/trace_survey.hpp"
#include "sim/run/trace_task.hpp"
#include "sim/scenario.hpp"

namespace numasim {

/// One in a process, for one run, as SimMachine.
class Simulation {
 public:
  /// Booted, nothing started yet. Both must outlive it.
  Simulation(const Scenario& scenario, const TraceSurvey& survey,
             const std::vector<std::string>& simgrid_arguments = {});
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// A task of the trace. Unlike the kernel's list of tasks, this one keeps those that have ended.
  struct Actor {
    Actor(TraceWorld& world, std::uint32_t index) : trace(world, task, index) {}
    Task task;
    std::optional<MemPolicy> policy;
    TraceTask trace;
  };

  SimMachine& machine() { return machine_; }
  const SimMachine& machine() const { return machine_; }
  Kernel& kernel() { return kernel_; }
  const Kernel& kernel() const { return kernel_; }
  /// In the order of the trace.
  const std::deque<Actor>& actors() const { return actors_; }
  const TraceFeed& feed() const { return feed_; }
  std::int64_t cpu_hz() const { return world_.cpu_hz; }
  /// For what-if questions, before run(): see TraceWorld::ask_otherwise.
  void ask_otherwise(decltype(TraceWorld::ask_otherwise) how) {
    world_.ask_otherwise = std::move(how);
  }

  /// From date 0 until all tasks have ended, or to the scenario's time limit. Once only.
  RunEnd run();

 private:
  void create_cpusets();
  Actor& actor_named(const std::string& name);
  void create_actor(const trace::TaskDeclaration& declaration);

  const Scenario& scenario_;
  const TraceSurvey& survey_;
  SimMachine machine_;
  Kernel kernel_;
  TraceFeed feed_;
  TraceWorld world_;
  std::deque<Actor> actors_;
  std::unique_ptr<Daemons> daemons_;
};

}  // namespace numasim
