#pragma once
// A tape retold: what the allocator did, in sentences and in numbers.

#include <nlohmann/json.hpp>
#include <string>

#include "sim/explain/tape.hpp"

namespace numasim::explain {

/// The whole story as JSON: the request, its outcome, and "steps", each with "at_ns" (since the
/// request began), "cost_ns" (until the next step), "depth", the kernel's "function", a sentence
/// "text" and what it knows in numbers. Pages are numbers of pages of 4 KiB.
nlohmann::ordered_json to_json(const Tape& tape);

/// The same for people, from the JSON: a line a step, its date and its cost beside it.
std::string to_text(const nlohmann::ordered_json& story);

}  // namespace numasim::explain
