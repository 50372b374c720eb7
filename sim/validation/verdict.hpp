#pragma once
// The judgement of a prediction: one row a quantity.

#include <optional>
#include <string>
#include <vector>

#include "sim/validation/quantity.hpp"

namespace numasim::validation {

/// What recorded repeats of the same workload came to.
struct Band {
  double low = 0;
  double high = 0;
  double median = 0;
};

struct Verdict {
  std::string scenario;
  std::string quantity;
  Reading recorded;
  Reading simulated;
  std::string error;   // as the target counts it: "+1.2 %", "x 1.4"
  std::string target;  // in words
  bool passed = false;
};

/// Judges one quantity. A band takes the place of a target in percent; a factor counts from the
/// band's median instead of the one recording.
Verdict judge(const std::string& scenario, const Quantity& quantity, Reading recorded,
              Reading simulated, const std::optional<Band>& band);

/// A scenario that could not be run: one row that failed.
Verdict not_run(const std::string& scenario, const std::string& why);

/// A number as the table shows it.
std::string shown(Reading value);

/// The table with its heading, columns aligned.
std::string table_text(const std::vector<Verdict>& verdicts);

}  // namespace numasim::validation
