#pragma once
// Repeats of a run under pressure that differ in a detail: what comes out of such a run is one of
// many outcomes, and only their median means anything.

#include <string>
#include <vector>

#include "sim/validation/quantity.hpp"
#include "sim/validation/recording.hpp"

namespace numasim::validation {

/// How a repeat differs from the recording.
struct Variation {
  std::string name;            // empty: not at all
  SimDuration settle{0};       // begins so much later after boot
  std::int64_t hog_chunk = 0;  // pages more between two looks of the hog at the clock
  double hog_rate = 1;         // times the hog's rate
  std::int64_t sample_jiffies = 5;

  /// The recording with the other parameters.
  Recording applied_to(Recording recording) const;
};

/// The repeats that a family is judged by: one as recorded, or at most `most` that differ as the
/// repeats of the recorder did.
std::vector<Variation> variations_of(Family family, std::size_t most);

}  // namespace numasim::validation
