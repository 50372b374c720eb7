#pragma once
// Fibers: flows of control with a stack of their own, which the event loop switches between.

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <vector>

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

/// A flow of control that runs until it suspends itself, and goes on where it stopped.
/// No exception leaves it: one derived from std::exception is kept for the caller of error().
class Fiber {
 public:
  explicit Fiber(StackPool& stacks) : stacks_(&stacks) {}
  /// Requires: not begun, ended or unwound.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// What it does. To be set before it is first resumed.
  void set_body(std::function<void()> body) { body_ = std::move(body); }
  /// Runs it until it suspends or ends. Called by the event loop, never by a fiber.
  void resume();
  /// Back to the caller of resume(). Called by the fiber itself. While the fiber is unwound it
  /// returns at once, so that destructors may call what would otherwise suspend.
  void suspend();
  /// Runs the destructors of all that lives on its stack; it has ended then.
  void unwind();

  bool ended() const { return state_ == State::ended; }
  bool unwinding() const { return unwinding_; }
  /// What its body threw, if it did.
  std::exception_ptr error() const { return error_; }

 private:
  enum class State { not_begun, suspended, running, ended };

  void begin();
  void run_body();
  void switch_in();

  StackPool* stacks_;
  std::function<void()> body_;
  boost::context::stack_context stack_;
  boost::context::fiber inside_;   // where the fiber goes on
  boost::context::fiber outside_;  // where the caller of resume() goes on
  State state_ = State::not_begun;
  bool unwinding_ = false;
  std::exception_ptr error_;

  // AddressSanitizer must be told of each switch; unused otherwise.
  void* outside_fake_stack_ = nullptr;
  void* inside_fake_stack_ = nullptr;
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
};

}  // namespace numasim::engine
