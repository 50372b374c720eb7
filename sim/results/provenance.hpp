#pragma once
// Where a run's numbers come from: what ran, where, when and for how long.

#include <chrono>
#include <string>
#include <vector>

#include "sim/version.hpp"

namespace numasim::results {

/// Goes to provenance.json, the one file that may differ between two runs of the same scenario and
/// seed.
struct Provenance {
  Version version;
  std::vector<std::string> command_line;
  std::string host;
  std::string started_at;  // ISO 8601, UTC
  std::chrono::steady_clock::time_point stopwatch;
};

/// Notes the host and the present time; the wall time of the run counts from here.
Provenance provenance_from_now(std::vector<std::string> command_line);

/// provenance.json; the wall time ends here.
std::string provenance_json(const Provenance& provenance);

}  // namespace numasim::results
