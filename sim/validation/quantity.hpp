#pragma once
// What a prediction is judged by: named quantities with their targets.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/validation/account.hpp"
#include "sim/validation/parameters.hpp"

namespace numasim::validation {

/// How near a prediction has to come.
struct Target {
  enum class Kind {
    exact,     // the recorded value itself
    relative,  // within `width` percent of it
    absolute,  // within `width` of it
    factor,    // not `width` times larger or smaller
    most,      // not above `width`, whatever was recorded
  };
  Kind kind = Kind::exact;
  double width = 0;
  double of = 0;       // relative: in percent of this instead of the recorded value; 0: of that
  std::string band{};  // name of the quantity among recorded repeats; where there are none: width
};

/// Absent: there is nothing to read it from.
using Reading = std::optional<double>;

struct Quantity {
  std::string name;
  std::function<Reading(const Account&)> read;  // off the recording and off the prediction alike
  Target target{};
  /// Instead of read: what lies between the two, judged alone.
  std::function<Reading(const Account& recorded, const Account& simulated)> between{};
};

/// The families of workloads, each with quantities of its own.
enum class Family {
  spill,
  clean,
  nofail,
  dirty,
  swap,
  atomic,
  slow_operations,
  oom,
  cpuset,
  fault,
  other
};

/// Chosen by what was run, never by the recording's name.
Family family_of(const Parameters& parameters);

/// What a recording of these parameters is judged by, in the order of the table.
std::vector<Quantity> quantities_of(const Parameters& parameters, const Account& recorded);

/// "zone DMA of node 0".
std::string zone_name(int code);

}  // namespace numasim::validation
