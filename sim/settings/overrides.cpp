#include "sim/settings/overrides.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

namespace numasim {
namespace {

using Json = nlohmann::ordered_json;

/// A value of the command line, as the setting it is for reads it.
Json value_of(const Setting* setting, const std::string& text) {
  if (setting == nullptr) return text;
  Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool as_text = setting->kind == SettingKind::text || setting->kind == SettingKind::path ||
                       setting->kind == SettingKind::choice;
  const bool valid = !parsed.is_discarded();
  if (as_text) return valid && parsed.is_string() ? parsed : Json(text);
  return valid ? parsed : Json(text);
}

/// One setting on its way into the tree.
class Override {
 public:
  Override(const SaidSetting& said, SettingsTree& tree, const Settings& settings,
           const Json& defaults)
      : said_(said), tree_(tree), settings_(settings), defaults_(defaults) {}

  std::optional<Problem> apply() {
    const std::string& path = said_.path;
    if (find_setting(settings_, path) == nullptr) return unknown_path(path);

    const std::string pointer = pointer_of(path);
    if (!can_hold_settings(parent_pointer(pointer))) return std::nullopt;
    if (auto missing = make_lists(pointer)) return missing;
    tree_.set(pointer, said_.value, said_.source);
    return std::nullopt;
  }

 private:
  Problem problem(std::string pointer, std::string expected, std::string found,
                  std::string hint) const {
    return {.file = said_.source.file,
            .line = said_.source.key.line,
            .column = said_.source.key.column,
            .pointer = std::move(pointer),
            .expected = std::move(expected),
            .found = std::move(found),
            .hint = std::move(hint)};
  }

  Problem unknown_path(const std::string& path) const {
    // The longest part that is known tells where the mistake is.
    std::string known = path;
    std::string key;
    while (!known.empty() && find_setting(settings_, known) == nullptr) {
      const std::size_t dot = known.rfind('.');
      key = known.substr(dot == std::string::npos ? 0 : dot + 1);
      known = dot == std::string::npos ? std::string() : known.substr(0, dot);
    }
    Problem wrong = problem("", "", "", "");
    wrong.message = "unknown setting " + path;
    const Setting* inside = known.empty() ? nullptr : find_setting(settings_, known);
    if (inside != nullptr && inside->kind == SettingKind::list) {
      wrong.hint = known + " is a list: its elements are " + known + ".0, " + known + ".1, ...";
    } else if (inside != nullptr && inside->kind != SettingKind::section) {
      wrong.hint = known + " has no settings inside";
    } else {
      wrong.hint = hint_for_key(settings_, known, key, Naming::path);
    }
    return wrong;
  }

  /// False where the settings so far say a value of another type on the way; binding reports it.
  bool can_hold_settings(std::string pointer) const {
    for (; !pointer.empty(); pointer = parent_pointer(pointer)) {
      const Json* value = tree_.find(pointer);
      const Setting* setting = find_setting(settings_, dotted_path(pointer));
      if (value == nullptr || setting == nullptr) continue;
      const bool list = setting->kind == SettingKind::list;
      if (list ? !value->is_array() : !value->is_object()) return false;
    }
    return true;
  }

  /// Makes the lists that `pointer` leads through, with the elements they have by default.
  std::optional<Problem> make_lists(const std::string& pointer) {
    for (std::size_t slash = pointer.find('/', 1); slash != std::string::npos;
         slash = pointer.find('/', slash + 1)) {
      const std::string list = pointer.substr(0, slash);
      const Setting* setting = find_setting(settings_, dotted_path(list));
      if (setting == nullptr || setting->kind != SettingKind::list) continue;
      if (tree_.find(list) == nullptr) {
        const Json::json_pointer place(list);
        tree_.set(list, defaults_.contains(place) ? defaults_.at(place) : Json::array(),
                  said_.source);
      }
      if (auto outside = check_index(pointer, list)) return outside;
    }
    return std::nullopt;
  }

  std::optional<Problem> check_index(const std::string& pointer, const std::string& list) const {
    const Json& elements = *tree_.find(list);
    const std::string rest = pointer.substr(list.size() + 1);
    const std::string index = rest.substr(0, rest.find('/'));
    std::size_t i = 0;
    const auto [end, error] = std::from_chars(index.data(), index.data() + index.size(), i);
    const bool canonical = index.size() == 1 || index.front() != '0';
    if (error == std::errc() && canonical && i < elements.size()) return std::nullopt;
    const std::string last = std::to_string(elements.empty() ? 0 : elements.size() - 1);
    return problem(list + '/' + index,
                   elements.empty() ? "a list with elements" : "an index in 0.." + last, index,
                   "set the whole list: --set '" + dotted_path(list) + "=[...]'");
  }

  const SaidSetting& said_;
  SettingsTree& tree_;
  const Settings& settings_;
  const Json& defaults_;
};

/// "path=value" taken apart, or what is wrong with it.
std::variant<SaidSetting, Problem> parse_override(const std::string& text,
                                                  const Settings& settings) {
  if (!is_utf8(text)) return Problem{.file = "--set", .expected = "text in UTF-8"};
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return Problem{.file = "--set " + text,
                   .expected = "path=value",
                   .found = '"' + text + '"',
                   .hint = "for instance --set machine.nodes.0.memory_bytes=1GiB"};
  const std::string path = text.substr(0, equals);
  return SaidSetting{path, value_of(find_setting(settings, path), text.substr(equals + 1)),
                     SettingSource{"--set " + text, {}, {0, 0}, {0, 0}}};
}

}  // namespace

void apply_settings(SettingsTree& tree, std::span<const SaidSetting> said, const Settings& settings,
                    const Json& defaults, std::vector<Problem>& problems) {
  for (const SaidSetting& setting : said)
    if (auto wrong = Override(setting, tree, settings, defaults).apply())
      problems.push_back(std::move(*wrong));
}

void apply_overrides(SettingsTree& tree, const std::vector<std::string>& overrides,
                     const Settings& settings, const Json& defaults,
                     std::vector<Problem>& problems) {
  for (const std::string& text : overrides) {
    auto parsed = parse_override(text, settings);
    if (auto* wrong = std::get_if<Problem>(&parsed)) {
      problems.push_back(std::move(*wrong));
    } else {
      apply_settings(tree, {&std::get<SaidSetting>(parsed), 1}, settings, defaults, problems);
    }
  }
}

}  // namespace numasim
