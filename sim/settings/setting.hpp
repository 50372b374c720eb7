#pragma once
// What can be set: one entry for each key of the field tables, for help, documentation, --set and
// suggestions.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/settings/quantity.hpp"

namespace numasim {

enum class SettingKind : std::uint8_t { truth, number, text, choice, path, list, section };

/// One setting. In a path "N" stands for any element of a list: "machine.nodes.N.cpus".
struct Setting {
  std::string path;
  SettingKind kind = SettingKind::section;
  Unit unit = Unit::none;
  bool may_be_absent = false;             // null is a value and stands for "not set"
  std::optional<Limits> limits;           // of a number; of the numbers in a list
  std::optional<std::size_t> length;      // of a list whose length is fixed
  std::vector<std::string_view> choices;  // of SettingKind::choice
  nlohmann::ordered_json default_value;   // of a section: null
  std::string_view help;
};

using Settings = std::vector<Setting>;

/// The setting a dotted path leads to ("machine.nodes.0.cpus"), or null.
const Setting* find_setting(const Settings& settings, std::string_view dotted_path);

/// Keys that stand beside each other under `section` ("machine.nodes.N"; "" is the top).
std::vector<std::string_view> keys_below(const Settings& settings, std::string_view section);

/// "machine.nodes.0" for "/machine/nodes/0".
std::string dotted_path(std::string_view pointer);

/// "/machine/nodes/0" for "machine.nodes.0".
std::string pointer_of(std::string_view dotted_path);

/// A number as settings hold it. Requires: it fits in 64 bits, signed or not.
nlohmann::ordered_json to_json(Whole value);

/// How a hint names a setting: by its key, as in a file, or by its path, as for --set.
enum class Naming { key, path };

/// A hint for a key nobody knows: the nearest key beside it, or where a key of that name belongs.
/// `section` is the dotted path of the section the key was found in.
std::string hint_for_key(const Settings& settings, std::string_view section, std::string_view key,
                         Naming naming);

}  // namespace numasim
