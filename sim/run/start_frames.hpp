#pragma once
// The frames that a start state holds in use: a trace may free them by number.

#include <optional>
#include <vector>

#include "workloads/input_error.hpp"
#include "workloads/state.hpp"
#include "workloads/trace.hpp"

namespace numasim {

class StartFrames {
 public:
  /// Every frame of a zone that stands on no list of the state.
  explicit StartFrames(const MachineState& state);

  /// Takes the block of a free by pfn; what is wrong with it otherwise, by JSON pointer.
  std::optional<Problem> take(const trace::Free& free);

 private:
  struct ZoneFrames {
    Pfn start;
    std::vector<bool> in_use;
  };
  ZoneFrames* zone_of(Pfn first, PageCount length);

  std::vector<ZoneFrames> zones_;
};

}  // namespace numasim
