#pragma once

#include <string>

#include "sim/settings/setting.hpp"

namespace numasim {

/// One line a setting: path, what it may be, its default, what it does.
std::string settings_text(const Settings& settings);

/// Markdown: a heading and a table for each section, in the order of the tables.
std::string settings_markdown(const Settings& settings);

}  // namespace numasim
