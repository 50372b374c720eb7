#pragma once
// A run that has ended, as its directory tells it.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/scenario.hpp"

namespace numasim {

struct FinishedRun {
  std::filesystem::path directory;
  Scenario scenario;               // of config.resolved.json: seed and overrides are in it
  nlohmann::ordered_json summary;  // summary.json
};

/// Reads a run directory; `overrides` ("path=value", as --set takes them) are laid over what the
/// run was made from. Throws InputError for a directory that holds no complete run, and FileError.
FinishedRun read_finished_run(const std::filesystem::path& directory,
                              const std::vector<std::string>& overrides = {});

/// summary.json of a run directory. Throws as read_finished_run does.
nlohmann::ordered_json read_summary(const std::filesystem::path& directory);

}  // namespace numasim
