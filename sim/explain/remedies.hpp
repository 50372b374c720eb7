#pragma once
// What would have helped a request, computed from the facts on its tape. Guesses in one respect:
// a machine set otherwise goes another way from its boot on. Whether one does help is found out by
// running with it.

#include <optional>
#include <string>
#include <vector>

#include "allocator/memory.hpp"
#include "sim/explain/explain.hpp"
#include "sim/explain/tape.hpp"
#include "sim/scenario.hpp"

namespace numasim::explain {

struct Remedy {
  std::string text;                     // what to change, and what follows from the facts
  std::vector<std::string> settings;    // "path=value", as --set takes them
  bool more_may_help = false;           // where the last setting does not, twice as much may
  std::optional<BlockRequest> request;  // the same block asked for otherwise
};

/// The world in which the request was made.
struct Circumstances {
  const Scenario& scenario;
  const Memory& memory;
};

/// Those that apply, the smallest change first. None for a request that did not wait.
std::vector<Remedy> remedies_for(const Tape& tape, const Circumstances& world);

}  // namespace numasim::explain
