#pragma once
// congestion_wait: one queue of sleepers per direction for the whole machine
// (mm/backing-dev.c of 2.6.24).

#include <array>

#include "allocator/machine.hpp"
#include "allocator/observer.hpp"

namespace numasim {

class Congestion {
 public:
  Congestion(Machine& machine, const Steps& steps) : machine_(machine), steps_(steps) {}

  /// Sleeps until some device's queue is relieved in this direction, or for `timeout`. Does not
  /// ask whether anything is congested. Suspends: always.
  void wait(Task& task, IoDirection direction, Jiffies timeout) {
    steps_.tell(task, event::CongestionWaitBegin{direction, timeout});
    const Machine::Wakeup how = machine_.wait(task, sleepers_[index(direction)], timeout);
    steps_.tell(task, event::CongestionWaitEnd{direction, how == Machine::Wakeup::timed_out});
  }

  /// clear_bdi_congested: wakes every sleeper of that direction; later ones hear nothing of it.
  void cleared(IoDirection direction) { machine_.wake_all(sleepers_[index(direction)]); }

 private:
  Machine& machine_;
  const Steps& steps_;
  std::array<WaitQueue, 2> sleepers_{WaitQueue{"congestion_wait(read)"},
                                     WaitQueue{"congestion_wait(write)"}};
};

}  // namespace numasim
