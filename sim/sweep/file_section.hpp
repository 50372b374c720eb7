#pragma once
// A section of a sweep file with keys known beforehand.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/settings/quantity.hpp"
#include "sim/settings/setting_reader.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim::sweep {

/// Reads the members of one section. Each function returns the value, or nothing when the key is
/// not there or its value is wrong; then a problem is appended.
class FileSection {
 public:
  /// Reports keys other than `known`, and those of `required` that are not there. Requires: the
  /// value at `pointer` is a section.
  FileSection(const SettingsTree& tree, std::vector<Problem>& problems, std::string pointer,
              std::vector<std::string_view> known,
              std::initializer_list<std::string_view> required = {});

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string pointer(std::string_view key) const;

  std::optional<std::string> text(std::string_view key);
  std::optional<Whole> whole(std::string_view key, Unit unit, Limits limits);
  /// A number between the two, both left out.
  std::optional<double> between(std::string_view key, double below, double above);
  std::optional<std::size_t> choice(std::string_view key, std::vector<std::string_view> names);

 private:
  const SettingsTree::Json* find(std::string_view key) const;

  const SettingsTree& tree_;
  std::vector<Problem>& problems_;
  std::string pointer_;
};

/// Appends a problem with the value at `pointer`.
void report(const SettingsTree& tree, std::vector<Problem>& problems, const std::string& pointer,
            std::string expected, std::string found, std::string hint = {});

}  // namespace numasim::sweep
