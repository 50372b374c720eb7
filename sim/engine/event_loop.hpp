#pragma once
// The order of everything: fibers and alarms in exact (date, sequence) order, in integer
// nanoseconds. Knows no SimGrid; simgrid_driver ties it to SimGrid's clock.

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <vector>

#include "allocator/units.hpp"
#include "sim/engine/agenda.hpp"
#include "sim/engine/fiber.hpp"

namespace numasim::engine {

class EventLoop;

/// What can stand in the agenda, once at a time. Must outlive the run of its loop.
class Happening {
 public:
  Happening(const Happening&) = delete;
  Happening& operator=(const Happening&) = delete;
  /// True while it has a date in the agenda.
  bool is_set() const { return place_.has_value(); }

 protected:
  friend class EventLoop;
  enum class Kind : std::uint8_t { fiber, alarm, idle_alarm, action };
  explicit Happening(Kind kind) : kind_(kind) {}
  ~Happening() = default;

 private:
  std::optional<Agenda::Place> place_;  // in the agenda
  Kind kind_;
};

/// Calls back at a date, on the loop's own stack. The callback must not suspend.
class Alarm : public Happening {
 public:
  /// An idle alarm does not keep the run alive: if nothing else is to come, it never rings.
  enum class Keeps : std::uint8_t { run_alive, nothing_alive };

  explicit Alarm(std::function<void()> ring, Keeps keeps = Keeps::run_alive)
      : Happening(keeps == Keeps::run_alive ? Kind::alarm : Kind::idle_alarm),
        ring_(std::move(ring)) {}
  void on_ring(std::function<void()> ring) { ring_ = std::move(ring); }

 private:
  friend class EventLoop;
  std::function<void()> ring_;
};

/// A fiber in the loop's order.
class LoopFiber : public Happening, public Fiber {
 public:
  explicit LoopFiber(EventLoop& loop);
};

/// Runs its fibers and alarms ahead of the outside world (SimGrid), as far as that world says
/// nothing can come in between. There is no quantum: the order is exact.
class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  SimTime now() const { return now_; }
  /// The fiber that is running, or null while the loop itself is.
  LoopFiber* current() const { return current_; }
  Fibers& fibers() { return fibers_; }

  /// Sets the one date at which `what` happens, instead of any it had. Not before now().
  void set(Happening& what, SimTime date);
  void cancel(Happening& what);
  /// Has `action` called at now(), with SimGrid's clock standing there. All that touches SimGrid
  /// goes this way: at the moment of the call its clock may lie behind.
  void call_in_simgrid(std::function<void()> action);

  // On a fiber.

  /// Lets `step` pass for the running fiber; others run meanwhile where they come first. May
  /// return earlier when someone set() an earlier date for the fiber.
  void advance(SimDuration step) {
    const SimTime end = now_ + step;
    if (end <= run_ahead_limit_) [[likely]] {
      now_ = end;
      return;
    }
    advance_slowly(end);
  }
  /// Stops the running fiber until its date comes, set now or later by somebody else.
  void suspend();

  // For the outside world.

  /// Makes every happening a step of SimGrid of its own, instead of running ahead of it. Slow, and
  /// the same in every result: the proof that running ahead is exact. Before anything happens.
  void step_by_step() { steps_singly_ = true; }

  /// Runs all that comes up to `horizon`, ties included. Stops before a call into SimGrid and
  /// returns its date.
  std::optional<SimTime> run_ahead(SimTime horizon);
  /// Makes the calls into SimGrid that are due: its clock stands at `date`. Step by step: whatever
  /// comes next.
  void call_actions(SimTime date);
  /// Something outside ends at `date`; `arrived` is called there.
  void arrive(SimTime date, const std::function<void()>& arrived);
  /// Counts what goes on outside: while something does, the run is not idle.
  void begin_outside() { ++outside_; }
  void end_outside() { --outside_; }

  // The end.

  /// Ends the run: nothing more happens.
  void stop() {
    stopped_ = true;
    run_ahead_limit_ = SimTime::min();
  }
  /// The same, from a signal handler; heeded within a millisecond of simulated time.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  bool stopped() const { return stopped_; }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }
  /// What a fiber's body or a callback threw; it stopped the run.
  std::exception_ptr error() const { return error_; }
  /// Runs the destructors on the stack of a fiber that will not go on.
  void unwind(LoopFiber& fiber);

 private:
  struct Action : Happening {
    Action() : Happening(Kind::action) {}
    std::function<void()> call;
  };

  void advance_slowly(SimTime end);
  /// The first of the agenda.
  void happen();
  void take_step(SimTime date);
  void call(const std::function<void()>& callback);
  void run_fiber(LoopFiber& fiber);
  void turn_to(LoopFiber& fiber);
  LoopFiber* next_fiber();
  void update_run_ahead_limit();
  bool is_idle() const { return keeping_alive_ == 0 && outside_ == 0; }

  SimTime now_{};
  SimTime run_ahead_limit_ = SimTime::min();  // up to here the current fiber comes first
  SimTime horizon_ = SimTime::min();
  LoopFiber* current_ = nullptr;
  Agenda agenda_;
  std::int64_t keeping_alive_ = 0;  // entries that are no idle alarms
  std::int64_t outside_ = 0;
  bool stopped_ = false;
  bool steps_singly_ = false;
  std::atomic<bool> interrupted_{false};
  std::exception_ptr error_;
  std::deque<Action> actions_;
  std::vector<Action*> free_actions_;
  Fibers fibers_;
};

}  // namespace numasim::engine
