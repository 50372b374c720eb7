#pragma once
// Comparing the steps of a case while the core takes them.

#include <optional>
#include <string>

#include "sim/conform/verdicts.hpp"

namespace numasim::conform {

/// Thrown through the core to leave a case in the middle: at the first step that differs, or where
/// the recording of an endless loop was cut. The core's state is of no use afterwards.
struct CaseLeft {};

/// What follows the last recorded step.
enum class Ending { complete, cut };

class StepComparison {
 public:
  StepComparison(const Json& recorded, Ending ending) : recorded_(recorded), ending_(ending) {}

  /// Compares the next step. Throws CaseLeft if it differs, or if it is the last before the cut.
  void take(const Json& step) {
    const std::string at = "step " + std::to_string(taken_);
    if (taken_ >= recorded_.size()) leave({at, "no further step", step, context()});
    const Json& expected = recorded_[taken_];
    if (auto difference = first_difference(expected, step))
      leave({at + ' ' + difference->at, expected, step, context()});
    ++taken_;
    if (taken_ == recorded_.size() && ending_ == Ending::cut) throw CaseLeft{};
  }

  /// The difference found so far; at the end also a recorded step that was not taken.
  std::optional<Difference> difference() const {
    if (difference_ || taken_ == recorded_.size()) return difference_;
    return Difference{"step " + std::to_string(taken_), recorded_[taken_], "no further step",
                      context()};
  }

 private:
  [[noreturn]] void leave(Difference difference) {
    difference_ = std::move(difference);
    throw CaseLeft{};
  }
  std::string context() const { return taken_ == 0 ? "" : recorded_[taken_ - 1].dump(); }

  const Json& recorded_;
  Ending ending_;
  std::size_t taken_ = 0;
  std::optional<Difference> difference_;
};

}  // namespace numasim::conform
