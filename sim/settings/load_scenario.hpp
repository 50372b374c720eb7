#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/scenario.hpp"
#include "sim/settings/overrides.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim {

/// A scenario's files, read once, from which scenarios that differ in a few settings are made.
class ScenarioSource {
 public:
  /// Reads `path` ("-": standard input) with all it extends and lays `overrides` ("path=value", as
  /// --set takes them) over it. Throws InputError for faults of syntax, FileError if `path` cannot
  /// be read.
  explicit ScenarioSource(const std::filesystem::path& path,
                          const std::vector<std::string>& overrides = {});

  /// The scenario with `said` and `seed` on top, checked as load_scenario does.
  Scenario make(std::span<const SaidSetting> said = {},
                std::optional<std::uint64_t> seed = std::nullopt) const;

  /// What the files and the overrides say.
  const SettingsTree& tree() const { return tree_; }

 private:
  SettingsTree tree_;
  std::string name_;              // of a scenario that does not say its own
  std::vector<Problem> misread_;  // faults found so far; make() tells them with those it finds
};

/// Reads a scenario with all it extends, applies `overrides` ("path=value", as --set takes them)
/// and `seed`, and checks everything but the records of the trace. `path` may be "-".
/// Ensures: name is not empty, cpusets have mems and cpus, paths are absolute.
/// Throws InputError with every problem found, FileError if `path` cannot be read.
Scenario load_scenario(const std::filesystem::path& path,
                       const std::vector<std::string>& overrides = {},
                       std::optional<std::uint64_t> seed = std::nullopt);

}  // namespace numasim
