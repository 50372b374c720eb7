#pragma once
// Settings said outside of the scenario's files: on the command line, by a sweep.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "sim/settings/setting.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim {

/// One setting with its value, as a file would say it, and where it was said.
struct SaidSetting {
  std::string path;  // "machine.nodes.0.memory_bytes"
  nlohmann::ordered_json value;
  SettingSource source;
};

/// Lays settings over the tree, in order. A path into a list that the tree does not say starts from
/// the list in `defaults`. Faults of the paths are appended to `problems`; values are read later,
/// by bind_scenario.
void apply_settings(SettingsTree& tree, std::span<const SaidSetting> said, const Settings& settings,
                    const nlohmann::ordered_json& defaults, std::vector<Problem>& problems);

/// Lays each "path=value" over the tree, in order. The path decides how the value is read: as text
/// for texts, names and files (relative to the working directory), else as JSON ("null", "[0,1]"),
/// else as a quantity ("1GiB"). A path into a list that the tree does not say starts from the list
/// in `defaults`. Faults are appended to `problems`.
void apply_overrides(SettingsTree& tree, const std::vector<std::string>& overrides,
                     const Settings& settings, const nlohmann::ordered_json& defaults,
                     std::vector<Problem>& problems);

}  // namespace numasim
