#pragma once
// The settings as the user said them: one JSON tree merged from a file, the files it extends and
// the command line, in which every part still knows where it was said.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/settings/json_document.hpp"
#include "workloads/input_error.hpp"

namespace numasim {

/// Where a part of the settings was said.
struct SettingSource {
  std::string file;                 // as messages name it
  std::filesystem::path directory;  // relative paths start here
  TextPosition value;               // {0, 0}: on the command line
  TextPosition key;
};

class SettingsTree {
 public:
  using Json = nlohmann::ordered_json;

  /// An empty section said nowhere.
  SettingsTree() = default;
  /// A document read from `file`; relative paths in it start at `directory`.
  SettingsTree(JsonDocument document, const std::string& file,
               const std::filesystem::path& directory);

  const Json& root() const { return root_; }
  /// The value at a pointer, or null when nothing was said there.
  const Json* find(const std::string& pointer) const;

  /// Lays `above` over this tree: sections are merged, everything else is replaced.
  void merge(const SettingsTree& above);
  /// Says one value; sections on the way are made. Requires: list elements on the way exist.
  void set(const std::string& pointer, const Json& value, const SettingSource& source);
  /// Takes a key of the top level out.
  void erase(const std::string& key);

  /// Where the value at `pointer`, or the nearest thing around it, was said.
  const SettingSource& source(const std::string& pointer) const;
  /// A problem with the value at `pointer`, without expectation and hint.
  Problem problem_at(const std::string& pointer) const;
  /// A problem with the key at the end of `pointer`.
  Problem problem_at_key(const std::string& pointer) const;
  /// Sorts problems as a reader meets them: by file, the one merged last first, then by place.
  void sort(std::vector<Problem>& problems) const;

 private:
  void merge_value(Json& below, const Json& above, const std::string& pointer,
                   const SettingsTree& other);
  void forget(const std::string& pointer);

  Json root_ = Json::object();
  std::map<std::string, SettingSource> sources_;
  std::vector<std::string> files_;  // in the order merged
};

/// The parent of a JSON pointer; "" for "" and "/a".
std::string parent_pointer(const std::string& pointer);

/// Reads `path` ("-": standard input) and, below it, the files its "extends" names, which may
/// extend others in turn; "extends" and "$schema" are taken out. Faults are appended to `problems`.
/// Nothing is returned after a fault of syntax, or when a file named by "extends" cannot be read.
/// Throws FileError when `path` itself cannot be read.
std::optional<SettingsTree> read_settings_tree(const std::filesystem::path& path,
                                               std::vector<Problem>& problems);

}  // namespace numasim
