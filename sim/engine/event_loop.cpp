#include "sim/engine/event_loop.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "allocator/check.hpp"

namespace numasim::engine {
namespace {

/// A fiber that nobody hinders still looks up this often, to hear an interrupt.
constexpr SimDuration kLongestRunAhead = std::chrono::milliseconds{1};

}  // namespace

LoopFiber::LoopFiber(EventLoop& loop) : Happening(Kind::fiber), Fiber(loop.stacks()) {}

EventLoop::EventLoop() = default;

void EventLoop::set(Happening& what, SimTime date) {
  MM_CHECK(date >= now_, "date", to_ns(date), "now", to_ns(now_));
  if (!what.is_set() && what.kind_ != Happening::Kind::idle_alarm) ++keeping_alive_;
  what.sequence_ = ++last_sequence_;
  push({date, what.sequence_, &what});
}

void EventLoop::cancel(Happening& what) {
  if (!what.is_set()) return;
  if (what.kind_ != Happening::Kind::idle_alarm) --keeping_alive_;
  what.sequence_ = 0;
}

void EventLoop::call_in_simgrid(std::function<void()> call) {
  if (free_actions_.empty()) free_actions_.push_back(&actions_.emplace_back());
  Action& action = *free_actions_.back();
  free_actions_.pop_back();
  action.call = std::move(call);
  set(action, now_);
}

void EventLoop::push(const Entry& entry) {
  agenda_.push_back(entry);
  std::push_heap(agenda_.begin(), agenda_.end(), std::greater<>{});
  // An event at the running fiber's next date has the lower sequence and comes first.
  run_ahead_limit_ = std::min(run_ahead_limit_, entry.date - SimDuration{1});
}

EventLoop::Entry EventLoop::pop() {
  const Entry entry = agenda_.front();
  std::pop_heap(agenda_.begin(), agenda_.end(), std::greater<>{});
  agenda_.pop_back();
  return entry;
}

const EventLoop::Entry* EventLoop::first() {
  while (!agenda_.empty() && agenda_.front().is_stale()) pop();
  return agenda_.empty() ? nullptr : &agenda_.front();
}

void EventLoop::update_run_ahead_limit() {
  if (steps_singly_) return;
  run_ahead_limit_ = std::min(horizon_, now_ + kLongestRunAhead);
  if (const Entry* next = first()) {
    run_ahead_limit_ = std::min(run_ahead_limit_, next->date - SimDuration{1});
  }
}

void EventLoop::advance_slowly(SimTime end) {
  LoopFiber& fiber = *current_;
  if (fiber.unwinding()) return;
  if (!stopped_ && !interrupted()) {
    update_run_ahead_limit();
    if (end <= std::min(run_ahead_limit_, horizon_)) {
      now_ = end;
      return;
    }
  }
  set(fiber, end);
  suspend();
}

void EventLoop::suspend() {
  LoopFiber& fiber = *current_;
  fiber.suspend();
}

std::optional<SimTime> EventLoop::run_ahead(SimTime horizon) {
  horizon_ = horizon;
  while (!stopped_ && !interrupted()) {
    const Entry* next = first();
    if (!next || next->date > horizon_) return std::nullopt;
    if (next->what->kind_ == Happening::Kind::action) return next->date;
    if (next->what->kind_ == Happening::Kind::idle_alarm && is_idle()) return std::nullopt;
    if (steps_singly_) return next->date;
    const Entry entry = pop();
    now_ = entry.date;
    happen(*entry.what);
  }
  return std::nullopt;
}

void EventLoop::happen(Happening& what) {
  cancel(what);
  switch (what.kind_) {
    case Happening::Kind::fiber:
      return run_fiber(static_cast<LoopFiber&>(what));
    case Happening::Kind::alarm:
    case Happening::Kind::idle_alarm:
      return call(static_cast<Alarm&>(what).ring_);
    case Happening::Kind::action: {
      auto& action = static_cast<Action&>(what);
      const std::function<void()> callback = std::exchange(action.call, nullptr);
      free_actions_.push_back(&action);
      return call(callback);
    }
  }
}

void EventLoop::run_fiber(LoopFiber& fiber) {
  current_ = &fiber;
  update_run_ahead_limit();
  fiber.resume();
  current_ = nullptr;
  run_ahead_limit_ = SimTime::min();
  if (!fiber.error()) return;
  error_ = fiber.error();
  stop();
}

/// An exception must not pass through SimGrid's frames.
void EventLoop::call(const std::function<void()>& callback) {
  try {
    callback();
  } catch (const std::exception&) {
    error_ = std::current_exception();
    stop();
  }
}

void EventLoop::unwind(LoopFiber& fiber) {
  stop();
  current_ = &fiber;
  fiber.unwind();
  current_ = nullptr;
}

/// One happening; where something outside ends at the same date, all that run_ahead() and
/// call_actions() together would let come before it.
void EventLoop::take_step(SimTime date) {
  bool acted = false;
  do {
    const Entry* next = first();
    if (!next || next->date > date) return;
    const bool is_action = next->what->kind_ == Happening::Kind::action;
    if (acted && !is_action) return;
    if (next->what->kind_ == Happening::Kind::idle_alarm && is_idle()) return;
    acted |= is_action;
    const Entry entry = pop();
    now_ = entry.date;
    happen(*entry.what);
  } while (horizon_ == date && !stopped_ && !interrupted());
}

void EventLoop::call_actions(SimTime date) {
  if (steps_singly_ && !stopped_) return take_step(date);
  while (!stopped_) {
    const Entry* next = first();
    if (!next || next->date > date || next->what->kind_ != Happening::Kind::action) return;
    const Entry entry = pop();
    now_ = entry.date;
    happen(*entry.what);
  }
}

void EventLoop::arrive(SimTime date, const std::function<void()>& arrived) {
  if (stopped_) return;
  MM_CHECK(date >= now_, "date", to_ns(date), "now", to_ns(now_));
  now_ = date;
  call(arrived);
}

}  // namespace numasim::engine
