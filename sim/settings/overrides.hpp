#pragma once
// Settings said on the command line: --set machine.nodes.0.memory_bytes=1GiB.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/settings/setting.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim {

/// Lays each "path=value" over the tree, in order. The path decides how the value is read: as text
/// for texts, names and files (relative to the working directory), else as JSON ("null", "[0,1]"),
/// else as a quantity ("1GiB"). A path into a list that the tree does not say starts from the list
/// in `defaults`. Faults are appended to `problems`.
void apply_overrides(SettingsTree& tree, const std::vector<std::string>& overrides,
                     const Settings& settings, const nlohmann::ordered_json& defaults,
                     std::vector<Problem>& problems);

}  // namespace numasim
