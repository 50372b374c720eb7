#pragma once
// Questions about a finished run, answered by running it again with somebody listening.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sim/explain/recorder.hpp"
#include "sim/scenario.hpp"

namespace numasim::explain {

/// Asks one block of a task's alloc records otherwise than the trace does.
struct OtherRequest {
  std::string task;
  std::uint64_t alloc_call = 0;  // from 1
  BlockRequest request;
};

struct Question {
  Wanted wanted;
  std::optional<OtherRequest> otherwise{};
};

/// Runs the scenario in a child process and returns
///   {"story": ... (null: no request fits), "run": {"requests", "failed", "longest_ns",
///    "fitting_failures", "ended_by"}, "requests": [...]: those not served in their first pass}.
/// Throws InputError for what is wrong with trace or state, and std::runtime_error if the child
/// does not come to its end.
nlohmann::ordered_json ask(const Scenario& scenario, const Question& question);

}  // namespace numasim::explain
