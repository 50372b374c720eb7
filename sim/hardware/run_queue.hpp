#pragma once
// The runnable tasks of one CPU, and what a nice level weighs.

#include <algorithm>
#include <array>
#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <tuple>

#include "allocator/units.hpp"
#include "sim/hardware/sim_task.hpp"

namespace numasim {

inline constexpr std::int64_t kNiceZeroWeight = 1024;

/// A task's share of its CPU among others (prio_to_weight of 2.6.24): each level of nice is about
/// 10 % of CPU time against a task one level away.
inline std::int64_t weight_of(const SimTask& task) {
  static constexpr std::array<std::int64_t, 40> kWeights{
      88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,  // -20
      9548,  7620,  6100,  4904,  3906,  3121,  2501,  1991,  1586,  1277,   // -10
      1024,  820,   655,   526,   423,   335,   272,   215,   172,   137,    // 0
      110,   87,    70,    56,    45,    36,    29,    23,    18,    15};    // 10
  return kWeights[static_cast<std::size_t>(std::clamp(task.task.nice, -20, 19) + 20)];
}

/// Tasks that would like to run, the one that should run next in front: real-time tasks by
/// priority and then in their order, behind them the others by the fair time they have used.
class RunQueue {
 public:
  bool empty() const { return tasks_.empty(); }
  std::size_t size() const { return tasks_.size(); }
  const SimTask& first() const { return *tasks_.begin(); }
  /// Weights of the fair tasks in it.
  std::int64_t weight() const { return weight_; }

  void add(SimTask& task) {
    task.arrival = ++last_arrival_;
    put_back(task);
  }
  /// Back to the place it had among its equals.
  void put_back(SimTask& task) {
    task.queued_weight = task.rt_priority > 0 ? 0 : weight_of(task);
    weight_ += task.queued_weight;
    tasks_.insert(task);
  }
  void remove(SimTask& task) {
    weight_ -= task.queued_weight;
    tasks_.erase(tasks_.iterator_to(task));
  }
  /// The first in line of which `is_wanted` says so, or null.
  template <class Predicate>
  SimTask* find(Predicate is_wanted) {
    const auto found = std::ranges::find_if(tasks_, is_wanted);
    return found == tasks_.end() ? nullptr : &*found;
  }
  SimTask& take_first() {
    SimTask& task = *tasks_.begin();
    remove(task);
    return task;
  }

 private:
  struct Less {
    static auto key(const SimTask& task) {
      const SimDuration fair = task.rt_priority > 0 ? SimDuration{0} : task.fair_runtime;
      return std::tuple(-task.rt_priority, fair, task.arrival);
    }
    bool operator()(const SimTask& a, const SimTask& b) const { return key(a) < key(b); }
  };
  boost::intrusive::set<SimTask, boost::intrusive::compare<Less>> tasks_;
  std::int64_t weight_ = 0;
  std::uint64_t last_arrival_ = 0;
};

}  // namespace numasim
