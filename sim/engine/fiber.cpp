#include "sim/engine/fiber.hpp"

#include <utility>

#include "allocator/check.hpp"

namespace numasim::engine {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kStackBytes = 512 * 1024;  // its frames are several times as large
void forget_contents(const boost::context::stack_context& stack) {
  __asan_unpoison_memory_region(static_cast<char*>(stack.sp) - stack.size, stack.size);
}
#else
// The kernel's slow path is some ten frames deep; its own stacks had 8 KiB.
constexpr std::size_t kStackBytes = 128 * 1024;
void forget_contents(const boost::context::stack_context&) {}
#endif

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
  stack_ = fibers_->stacks_.take();
  flow_.stack_bottom = static_cast<char*>(stack_.sp) - stack_.size;
  flow_.stack_size = stack_.size;
  state_ = State::suspended;
  flow_.goes_on = boost::context::fiber(
      std::allocator_arg, LentStack{stack_}, [this](boost::context::fiber&& left) {
        fibers_->arrive(flow_, std::move(left));
        run_body();
        state_ = State::ended;
        Fibers::Flow& outside = fibers_->outside_;
        fibers_->left_ = &flow_;
        stack_switch::leave(nullptr, outside.stack_bottom, outside.stack_size);
        return std::move(outside.goes_on);
      });
}

void Fiber::run_body() {
  try {
    body_();
  } catch (const Unwinding&) {
    // All destructors have run; nothing else is left to do.
  } catch (const std::exception&) {
    error_ = std::current_exception();
  }
}

void Fiber::resume() {
  come_in();
  fibers_->go(fibers_->outside_, flow_);
  Fiber& last = *fibers_->running_;
  if (!last.ended()) return;
  fibers_->stacks_.give_back(last.stack_);
  last.body_ = nullptr;
}

void Fiber::unwind() {
  if (state_ == State::not_begun || state_ == State::ended) return;
  unwinding_ = true;
  resume();
  MM_CHECK(ended(), "a fiber suspended while it was unwound");
}

}  // namespace numasim::engine
