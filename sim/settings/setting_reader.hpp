#pragma once
// Reads single values out of a SettingsTree and collects what is wrong with them. bind.hpp builds
// whole structs from these.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/settings/quantity.hpp"
#include "sim/settings/setting.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim {

/// "0..100", "4KiB..8TiB".
std::string format_range(Limits limits, Unit unit);

/// A value as a message shows it: lists and sections by their size, cut short when it is long.
std::string shown(const nlohmann::ordered_json& value);

/// A value of the tree on its way into a member.
struct SettingSlot {
  const nlohmann::ordered_json& value;
  std::string pointer;
  Unit unit = Unit::none;
  Limits limits;
};

/// Each read_ function returns the value, or reports a problem and returns nothing.
class SettingReader {
 public:
  /// The three must outlive the reader. Problems are appended.
  SettingReader(const SettingsTree& tree, const Settings& settings, std::vector<Problem>& problems)
      : tree_(tree), settings_(settings), problems_(problems) {}

  std::optional<Whole> read_whole(const SettingSlot& slot);
  std::optional<bool> read_truth(const SettingSlot& slot);
  std::optional<std::string> read_text(const SettingSlot& slot);
  /// Relative paths start at the folder of the file that says them; "" stays empty.
  std::optional<std::filesystem::path> read_path(const SettingSlot& slot);
  /// The position of the value among `names`.
  std::optional<std::size_t> read_choice(const SettingSlot& slot,
                                         std::span<const std::string_view> names);
  bool check_section(const SettingSlot& slot);
  bool check_list(const SettingSlot& slot);
  /// `size` elements exactly.
  bool check_list(const SettingSlot& slot, std::size_t size);
  void report_unknown_key(const SettingSlot& section, const std::string& key);

 private:
  void report_wrong(const SettingSlot& slot, std::string expected, std::string hint = {});
  std::optional<Whole> whole_from_number(const SettingSlot& slot);
  std::optional<Whole> whole_from_text(const SettingSlot& slot);

  const SettingsTree& tree_;
  const Settings& settings_;
  std::vector<Problem>& problems_;
};

}  // namespace numasim
