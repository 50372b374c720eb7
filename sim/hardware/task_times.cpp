#include "sim/hardware/task_times.hpp"

#include <algorithm>

namespace numasim {
namespace {

std::size_t place_of(std::vector<QueueTime>& waits, std::string_view queue) {
  const auto found = std::find_if(waits.begin(), waits.end(),
                                  [&](const QueueTime& wait) { return wait.queue == queue; });
  if (found != waits.end()) return static_cast<std::size_t>(found - waits.begin());
  waits.push_back({std::string(queue), SimDuration{0}, 0});
  return waits.size() - 1;
}

}  // namespace

void TaskClock::turn_to(Doing next, SimTime now, std::string_view queue) {
  book(times_, now - since_);
  doing_ = next;
  since_ = now;
  if (next != Doing::waiting) return;
  queue_ = place_of(times_.waits, queue);
  ++times_.waits[queue_].sleeps;
}

void TaskClock::count_as_spinning(SimDuration part, std::string_view lock) {
  times_.spinning += part;
  times_.running -= part;
  QueueTime& spin = times_.spins[place_of(times_.spins, lock)];
  ++spin.sleeps;
  spin.total += part;
}

void TaskClock::end(SimTime now) {
  book(times_, now - since_);
  since_ = now;
  times_.end = now;
}

TaskTimes TaskClock::at(SimTime now) const {
  TaskTimes times = times_;
  if (!times.end) book(times, now - since_);
  return times;
}

void TaskClock::book(TaskTimes& times, SimDuration spent) const {
  switch (doing_) {
    case Doing::running:
      times.running += spent;
      return;
    case Doing::memory:
      times.memory += spent;
      return;
    case Doing::runnable:
      times.runnable += spent;
      return;
    case Doing::sleeping:
      times.sleeping += spent;
      return;
    case Doing::waiting:
      times.waits[queue_].total += spent;
      return;
  }
}

}  // namespace numasim
