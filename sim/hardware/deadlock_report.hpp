#pragma once
// Who waits for what, when nothing will ever wake them.

#include <string>
#include <vector>

#include "allocator/units.hpp"

namespace numasim {

struct DeadlockReport {
  struct Sleeper {
    TaskId id;
    std::string task;
    CpuId cpu;
    std::string waits_for;  // the wait queue's name
    SimTime since{};
    bool daemon = false;
  };

  SimTime date{};
  std::vector<Sleeper> sleepers;  // tasks first, then daemons, each in the order they were added

  /// One line for each sleeper, below a line that says what happened.
  std::string text() const;
};

}  // namespace numasim
