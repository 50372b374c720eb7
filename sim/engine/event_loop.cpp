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

LoopFiber::LoopFiber(EventLoop& loop) : Happening(Kind::fiber), Fiber(loop.fibers()) {}

EventLoop::EventLoop() = default;

void EventLoop::set(Happening& what, SimTime date) {
  MM_CHECK(date >= now_, "date", to_ns(date), "now", to_ns(now_));
  if (what.place_) {
    agenda_.move(*what.place_, date);
  } else {
    what.place_ = agenda_.add(what, date);
    if (what.kind_ != Happening::Kind::idle_alarm) ++keeping_alive_;
  }
  // An event at the running fiber's next date has the lower sequence and comes first.
  run_ahead_limit_ = std::min(run_ahead_limit_, date - SimDuration{1});
}

void EventLoop::cancel(Happening& what) {
  if (!what.is_set()) return;
  agenda_.remove(*what.place_);
  what.place_.reset();
  if (what.kind_ != Happening::Kind::idle_alarm) --keeping_alive_;
}

void EventLoop::call_in_simgrid(std::function<void()> call) {
  if (free_actions_.empty()) free_actions_.push_back(&actions_.emplace_back());
  Action& action = *free_actions_.back();
  free_actions_.pop_back();
  action.call = std::move(call);
  set(action, now_);
}

void EventLoop::update_run_ahead_limit() {
  if (steps_singly_) return;
  run_ahead_limit_ = std::min(
      {horizon_, now_ + kLongestRunAhead, agenda_.date() - SimDuration{1}});
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
  if (fiber.unwinding()) return;
  if (LoopFiber* next = next_fiber()) return fiber.give_way_to(*next);
  fiber.suspend();
}

std::optional<SimTime> EventLoop::run_ahead(SimTime horizon) {
  horizon_ = horizon;
  while (!stopped_ && !interrupted()) {
    if (agenda_.empty() || agenda_.date() > horizon_) return std::nullopt;
    if (agenda_.first().kind_ == Happening::Kind::action) return agenda_.date();
    if (agenda_.first().kind_ == Happening::Kind::idle_alarm && is_idle()) return std::nullopt;
    if (steps_singly_) return agenda_.date();
    happen();
  }
  return std::nullopt;
}

void EventLoop::happen() {
  now_ = agenda_.date();
  Happening& what = agenda_.first();
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

void EventLoop::turn_to(LoopFiber& fiber) {
  current_ = &fiber;
  update_run_ahead_limit();
}

/// What run_ahead() would run next, if that is a fiber: the one that suspends itself can turn to it
/// by itself.
LoopFiber* EventLoop::next_fiber() {
  if (stopped_ || interrupted() || steps_singly_) return nullptr;
  if (agenda_.empty() || agenda_.date() > horizon_) return nullptr;
  Happening& next = agenda_.first();
  if (next.kind_ != Happening::Kind::fiber) return nullptr;
  now_ = agenda_.date();
  cancel(next);
  auto& fiber = static_cast<LoopFiber&>(next);
  turn_to(fiber);
  return &fiber;
}

void EventLoop::run_fiber(LoopFiber& fiber) {
  turn_to(fiber);
  fiber.resume();
  const LoopFiber& last = *std::exchange(current_, nullptr);
  run_ahead_limit_ = SimTime::min();
  if (!last.error()) return;
  error_ = last.error();
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
    if (agenda_.empty() || agenda_.date() > date) return;
    const bool is_action = agenda_.first().kind_ == Happening::Kind::action;
    if (acted && !is_action) return;
    if (agenda_.first().kind_ == Happening::Kind::idle_alarm && is_idle()) return;
    acted |= is_action;
    happen();
  } while (horizon_ == date && !stopped_ && !interrupted());
}

void EventLoop::call_actions(SimTime date) {
  if (steps_singly_ && !stopped_) return take_step(date);
  while (!stopped_) {
    if (agenda_.empty() || agenda_.date() > date) return;
    if (agenda_.first().kind_ != Happening::Kind::action) return;
    happen();
  }
}

void EventLoop::arrive(SimTime date, const std::function<void()>& arrived) {
  if (stopped_) return;
  MM_CHECK(date >= now_, "date", to_ns(date), "now", to_ns(now_));
  now_ = date;
  call(arrived);
}

}  // namespace numasim::engine
