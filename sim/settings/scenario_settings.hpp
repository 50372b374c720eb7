#pragma once
// The scenario's binding to JSON: its field tables applied. See bind.hpp.

#include <nlohmann/json.hpp>
#include <vector>

#include "sim/scenario.hpp"
#include "sim/settings/setting.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim {

/// Everything a scenario can set, in the order of the tables.
const Settings& scenario_settings();

/// The scenario a tree says, defaults elsewhere. What is wrong is appended to `problems`; members
/// concerned keep their defaults.
Scenario bind_scenario(const SettingsTree& tree, std::vector<Problem>& problems);

/// All settings with their values, strict JSON that is a valid scenario file itself: numbers in
/// the unit of their key, absolute paths, null for what is not set.
nlohmann::ordered_json scenario_to_json(const Scenario& scenario);

}  // namespace numasim
