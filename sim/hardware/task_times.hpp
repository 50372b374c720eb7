#pragma once
// Where a task's time went. The parts add up to its lifetime, to the nanosecond.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "allocator/units.hpp"

namespace numasim {

/// All sleeps of one task in one wait queue.
struct QueueTime {
  std::string queue;
  SimDuration total{0};
  std::int64_t sleeps = 0;
};

struct TaskTimes {
  SimTime begin{};
  std::optional<SimTime> end;    // absent: still there when the run ended
  SimDuration running{0};        // computing on its CPU
  SimDuration memory{0};         // on its CPU, moving bytes over the memory buses
  SimDuration spinning{0};       // on its CPU, waiting for spinlocks
  SimDuration runnable{0};       // ready, while its CPU runs another task
  SimDuration sleeping{0};       // sleep() and sleep_until()
  std::vector<QueueTime> waits;  // in wait queues, in the order first seen
  std::vector<QueueTime> spins;  // for spinlocks; parts of `spinning`

  SimDuration total() const {
    SimDuration sum = running + memory + spinning + runnable + sleeping;
    for (const QueueTime& wait : waits) sum += wait.total;
    return sum;
  }
};

/// What a task is doing; each nanosecond of its life goes to one of these.
enum class Doing : std::uint8_t { running, memory, runnable, sleeping, waiting };

/// Books a task's time while it changes from one thing to the other.
class TaskClock {
 public:
  explicit TaskClock(SimTime begin) : since_(begin) { times_.begin = begin; }

  Doing doing() const { return doing_; }
  SimTime since() const { return since_; }
  /// `queue` names the wait queue when the task begins to wait.
  void turn_to(Doing next, SimTime now, std::string_view queue = {});
  /// So much of what was, or will be, booked as running was memory time.
  void count_as_memory(SimDuration part) {
    times_.memory += part;
    times_.running -= part;
  }
  /// So much of what was, or will be, booked as running was spent waiting for a spinlock.
  void count_as_spinning(SimDuration part, std::string_view lock);
  void end(SimTime now);
  /// The times up to `now`.
  TaskTimes at(SimTime now) const;

 private:
  void book(TaskTimes& times, SimDuration spent) const;

  Doing doing_ = Doing::runnable;
  SimTime since_;
  std::size_t queue_ = 0;  // index in times_.waits while waiting
  TaskTimes times_;
};

}  // namespace numasim
