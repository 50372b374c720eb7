#include "sim/engine/fiber.hpp"

#include <utility>

#include "allocator/check.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace numasim::engine {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kStackBytes = 512 * 1024;  // its frames are several times as large

void leave_stack(void** fake_stack, const void* to_bottom, std::size_t to_size) {
  __sanitizer_start_switch_fiber(fake_stack, to_bottom, to_size);
}
void enter_stack(void* fake_stack, const void** from_bottom, std::size_t* from_size) {
  __sanitizer_finish_switch_fiber(fake_stack, from_bottom, from_size);
}
void forget_contents(const boost::context::stack_context& stack) {
  __asan_unpoison_memory_region(static_cast<char*>(stack.sp) - stack.size, stack.size);
}
#else
// The kernel's slow path is some ten frames deep; its own stacks had 8 KiB.
constexpr std::size_t kStackBytes = 128 * 1024;

void leave_stack(void**, const void*, std::size_t) {}
void enter_stack(void*, const void**, std::size_t*) {}
void forget_contents(const boost::context::stack_context&) {}
#endif

/// Thrown on a fiber's own stack to unwind it. No std::exception, so that nobody mistakes it.
struct Unwind {};

/// Lends a stack of the pool to Boost, which must not free it: the fiber gives it back.
struct LentStack {
  boost::context::stack_context stack;
  boost::context::stack_context allocate() { return stack; }
  void deallocate(boost::context::stack_context&) noexcept {}
};

}  // namespace

StackPool::StackPool() : source_(kStackBytes) {}

StackPool::~StackPool() {
  for (boost::context::stack_context& stack : free_) source_.deallocate(stack);
}

boost::context::stack_context StackPool::take() {
  if (free_.empty()) return source_.allocate();
  const boost::context::stack_context stack = free_.back();
  free_.pop_back();
  forget_contents(stack);
  return stack;
}

void StackPool::give_back(const boost::context::stack_context& stack) { free_.push_back(stack); }

Fiber::~Fiber() {
  MM_CHECK(state_ == State::not_begun || state_ == State::ended, "a fiber dies half-way");
}

void Fiber::begin() {
  stack_ = stacks_->take();
  inside_ = boost::context::fiber(std::allocator_arg, LentStack{stack_},
                                  [this](boost::context::fiber&& caller) {
                                    enter_stack(nullptr, &outside_bottom_, &outside_size_);
                                    outside_ = std::move(caller);
                                    run_body();
                                    state_ = State::ended;
                                    leave_stack(nullptr, outside_bottom_, outside_size_);
                                    return std::move(outside_);
                                  });
}

void Fiber::run_body() {
  try {
    body_();
  } catch (const Unwind&) {
    // All destructors have run; nothing else is left to do.
  } catch (const std::exception&) {
    error_ = std::current_exception();
  }
}

void Fiber::resume() {
  if (state_ == State::not_begun) begin();
  switch_in();
}

void Fiber::switch_in() {
  MM_CHECK(state_ != State::running && state_ != State::ended);
  state_ = State::running;
  leave_stack(&outside_fake_stack_, static_cast<char*>(stack_.sp) - stack_.size, stack_.size);
  inside_ = std::move(inside_).resume();
  enter_stack(outside_fake_stack_, nullptr, nullptr);
  if (state_ != State::ended) return;
  stacks_->give_back(stack_);
  body_ = nullptr;
}

void Fiber::suspend() {
  if (unwinding_) return;
  state_ = State::suspended;
  leave_stack(&inside_fake_stack_, outside_bottom_, outside_size_);
  outside_ = std::move(outside_).resume();
  enter_stack(inside_fake_stack_, &outside_bottom_, &outside_size_);
  if (unwinding_) throw Unwind{};
}

void Fiber::unwind() {
  if (state_ == State::not_begun || state_ == State::ended) return;
  unwinding_ = true;
  switch_in();
  MM_CHECK(ended(), "a fiber suspended while it was unwound");
}

}  // namespace numasim::engine
