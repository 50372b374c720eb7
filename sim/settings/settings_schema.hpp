#pragma once
// The JSON Schema of a table of settings.

#include <nlohmann/json.hpp>
#include <string_view>

#include "sim/settings/setting.hpp"

namespace numasim {

/// A schema of draft 2020-12 for files that say these settings: names, kinds, ranges, defaults,
/// help. Files that extend others say only a part, so nothing is required. What it cannot say is
/// left to the program: the range of a quantity in quotes ("4GiB"), and what has to fit together.
nlohmann::ordered_json settings_schema(const Settings& settings, std::string_view title);

}  // namespace numasim
