#pragma once
// Whether a remedy helps: the run is carried out once more with it.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace numasim::explain {

/// Adds to each remedy in story.would_have_helped of an answer (as ask() returns it) a "verified":
///   {"helped": true | false | null (not found out), "text", "result", "took_ns", "failed_in_run",
///    "longest_in_run_ns",
///    "settings" where more was needed than the remedy says}
/// found by running `directory` with `overrides` and the remedy. The request is known again by its
/// task and its place among what the task asks for. A request that was served is helped if it takes
/// half as long at most, and so does the longest of the run.
void verify(nlohmann::ordered_json& answer, const std::filesystem::path& directory,
            const std::vector<std::string>& overrides);

}  // namespace numasim::explain
