#pragma once
// SimGrid as the outside world of an event loop: its clock, its flows and its computations.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

#include "sim/engine/event_loop.hpp"

namespace numasim::engine {

/// Owns SimGrid's engine and steps it together with an event loop, which is registered as a
/// resource model. One in a process: SimGrid's engine is a singleton whose clock never goes back.
class SimGridDriver {
 public:
  /// `arguments` are SimGrid's own options ("--log=...", "--cfg=..."); no others.
  SimGridDriver(EventLoop& loop, const std::vector<std::string>& arguments);
  ~SimGridDriver();
  SimGridDriver(const SimGridDriver&) = delete;
  SimGridDriver& operator=(const SimGridDriver&) = delete;

  simgrid::s4u::Engine& engine() { return *engine_; }

  using Done = std::function<void()>;
  /// Sends bytes over the route between two hosts, from now on; `done` is called at the end.
  void start_flow(simgrid::s4u::Host* from, simgrid::s4u::Host* to, std::uint64_t bytes, Done done);
  /// Occupies a host for `work` of its speed units, from now on; `done` is called at the end.
  void start_work(simgrid::s4u::Host* host, double work, Done done);

  /// Runs until the loop stops, is interrupted or has nothing more to do.
  void run();

 private:
  struct Activity {
    simgrid::s4u::ActivityPtr in_simgrid;
    Done done;
  };

  Activity& prepare(Done done);
  void watch(Activity& activity, simgrid::s4u::ActivityPtr in_simgrid);
  void completed(const simgrid::s4u::Activity& in_simgrid);

  EventLoop& loop_;
  std::unique_ptr<simgrid::s4u::Engine> engine_;
  std::deque<Activity> activities_;
  std::vector<Activity*> free_activities_;
  std::vector<simgrid::s4u::ActivityPtr> ended_;  // released at the next step, not in the callback
};

}  // namespace numasim::engine
