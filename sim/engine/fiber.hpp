#pragma once
// Fibers: flows of control with a stack of their own, which the event loop switches between.

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "allocator/check.hpp"
#include "sim/engine/stack_switch.hpp"

namespace numasim::engine {

/// Stacks with a guard page below them, kept for reuse.
class StackPool {
 public:
  StackPool();
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  boost::context::stack_context take();
  void give_back(const boost::context::stack_context& stack);

 private:
  boost::context::protected_fixedsize_stack source_;
  std::vector<boost::context::stack_context> free_;
};

class Fiber;

/// The fibers of one event loop. One flow of control runs at a time: a fiber, or outside of them
/// all the loop.
class Fibers {
 private:
  friend class Fiber;
  /// Where somebody who does not run goes on. AddressSanitizer wants to know the stack.
  struct Flow {
    boost::context::fiber goes_on;
    const void* stack_bottom = nullptr;
    std::size_t stack_size = 0;
    void* fake_stack = nullptr;
  };

  /// Leaves `from` for `to`. Returns when somebody comes back to `from`.
  void go(Flow& from, Flow& to) {
    left_ = &from;
    stack_switch::leave(&from.fake_stack, to.stack_bottom, to.stack_size);
    boost::context::fiber left = std::move(to.goes_on).resume();
    arrive(from, std::move(left));
  }
  /// `left_` was left for `here`.
  void arrive(Flow& here, boost::context::fiber&& left) {
    stack_switch::enter(here.fake_stack, &left_->stack_bottom, &left_->stack_size);
    left_->goes_on = std::move(left);
  }

  StackPool stacks_;
  Flow outside_;
  Flow* left_ = nullptr;
  Fiber* running_ = nullptr;
};

/// A flow of control that runs until it suspends itself, and goes on where it stopped.
/// No exception leaves it: one derived from std::exception is kept for the caller of error().
class Fiber {
 public:
  explicit Fiber(Fibers& fibers) : fibers_(&fibers) {}
  /// Requires: not begun, ended or unwound.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// What it does. To be set before it is first resumed.
  void set_body(std::function<void()> body) { body_ = std::move(body); }
  /// Runs it, and those that it gives way to, until one of them suspends or ends. Called by the
  /// event loop, never by a fiber.
  void resume();
  /// Back to the caller of resume(). Called by the fiber itself. While the fiber is unwound it
  /// returns at once, so that destructors may call what would otherwise suspend.
  void suspend() {
    if (unwinding_) return;
    leave_for(fibers_->outside_);
  }
  /// The same, but `next` runs at once, without the detour over the caller of resume().
  void give_way_to(Fiber& next) {
    if (unwinding_ || &next == this) return;
    next.come_in();
    leave_for(next.flow_);
  }
  /// Runs the destructors of all that lives on its stack; it has ended then.
  void unwind();

  bool ended() const { return state_ == State::ended; }
  bool unwinding() const { return unwinding_; }
  /// What its body threw, if it did.
  std::exception_ptr error() const { return error_; }

 private:
  /// Thrown on its own stack to unwind it. No std::exception, so that nobody mistakes it.
  struct Unwinding {};
  enum class State : std::uint8_t { not_begun, suspended, running, ended };

  void begin();
  void run_body();
  /// Is the one to run from now on.
  void come_in() {
    if (state_ == State::not_begun) begin();
    MM_CHECK(state_ == State::suspended);
    state_ = State::running;
    fibers_->running_ = this;
  }
  void leave_for(Fibers::Flow& to) {
    state_ = State::suspended;
    fibers_->go(flow_, to);
    if (unwinding_) throw Unwinding{};
  }

  Fibers* fibers_;
  std::function<void()> body_;
  boost::context::stack_context stack_;
  Fibers::Flow flow_;
  State state_ = State::not_begun;
  bool unwinding_ = false;
  std::exception_ptr error_;
};

}  // namespace numasim::engine
