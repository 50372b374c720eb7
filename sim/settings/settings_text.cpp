#include "sim/settings/settings_text.hpp"

#include <algorithm>
#include <string_view>

#include "sim/settings/setting_reader.hpp"

namespace numasim {
namespace {

std::string_view section_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view key_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

/// The entry that stands for the elements of a list.
const Setting* element_of(const Settings& settings, const Setting& list) {
  return find_setting(settings, list.path + ".N");
}

/// "0..100", "true, false", "list of 10..255".
std::string values(const Settings& settings, const Setting& setting) {
  switch (setting.kind) {
    case SettingKind::section:
      return "section";
    case SettingKind::truth:
      return "true, false";
    case SettingKind::text:
      return "text";
    case SettingKind::path:
      return "file name";
    case SettingKind::number:
      return format_range(*setting.limits, setting.unit) + (setting.may_be_absent ? ", null" : "");
    case SettingKind::list: {
      const Setting* element = element_of(settings, setting);
      return "list of " + (element == nullptr ? "?" : values(settings, *element)) +
             (element != nullptr && element->kind == SettingKind::section ? "s" : "");
    }
    case SettingKind::choice:
      break;
  }
  std::string names;
  for (std::string_view name : setting.choices) {
    if (!names.empty()) names += ", ";
    names += '"' + std::string(name) + '"';
  }
  return names;
}

/// The default as JSON; a list of sections is told by its length, its table has the rest.
std::string default_text(const Settings& settings, const Setting& setting) {
  if (setting.kind == SettingKind::section) return "";
  const Setting* element = element_of(settings, setting);
  const bool sections = element != nullptr && element->kind == SettingKind::section;
  if (sections && !setting.default_value.empty())
    return std::to_string(setting.default_value.size()) + " section";
  std::string text = setting.default_value.dump();
  if (setting.kind == SettingKind::number && setting.unit != Unit::none &&
      setting.default_value.is_number_unsigned()) {
    const Whole value = setting.default_value.get<std::uint64_t>();
    const std::string with_unit = format_quantity(value, setting.unit);
    if (value != 0 && with_unit != text) text += " (" + with_unit + ")";
  }
  return text;
}

std::string heading(const Settings& settings, const std::string& section) {
  if (section.empty()) return "### The scenario\n\n";
  const Setting* setting = find_setting(settings, section);
  return "### `" + section + "`\n\n" + (setting ? std::string(setting->help) + ".\n\n" : "");
}

}  // namespace

std::string settings_text(const Settings& settings) {
  std::string text;
  for (const Setting& setting : settings) {
    if (key_of(setting.path) == "N") continue;
    text += setting.path + "  (" + values(settings, setting);
    if (setting.kind != SettingKind::section)
      text += "; default " + default_text(settings, setting);
    text += ")  " + std::string(setting.help) + '\n';
  }
  return text;
}

std::string settings_markdown(const Settings& settings) {
  std::vector<std::string> sections;
  for (const Setting& setting : settings) {
    const std::string section(section_of(setting.path));
    if (key_of(setting.path) == "N") continue;
    if (std::find(sections.begin(), sections.end(), section) == sections.end())
      sections.push_back(section);
  }
  std::string text;
  for (const std::string& section : sections) {
    if (!text.empty()) text += '\n';
    text += heading(settings, section);
    text += "| key | values | default | meaning |\n|---|---|---|---|\n";
    for (const Setting& setting : settings) {
      if (key_of(setting.path) == "N" || section_of(setting.path) != section) continue;
      const std::string standard = default_text(settings, setting);
      text += "| `" + std::string(key_of(setting.path)) + "` | " + values(settings, setting) +
              " | " + (standard.empty() ? "" : '`' + standard + '`') + " | " +
              std::string(setting.help) + " |\n";
    }
  }
  return text;
}

}  // namespace numasim
