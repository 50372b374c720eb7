#include "sim/settings/setting_reader.hpp"

#include <algorithm>
#include <utility>

namespace numasim {
namespace {

using Json = nlohmann::ordered_json;

std::string kind_of_number(const SettingSlot& slot) {
  std::string kind = "a whole number";
  const std::string_view example = example_of(slot.unit);
  if (!example.empty()) kind += " or a text such as " + std::string(example);
  return kind;
}

}  // namespace

std::string shown(const Json& value) {
  if (value.is_object()) return value.empty() ? "{}" : "a section";
  if (value.is_array()) return value.empty() ? "[]" : "a list of " + std::to_string(value.size());
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  constexpr std::size_t most = 60;
  if (text.size() > most) text = text.substr(0, most) + "...";
  return text;
}

std::string format_range(Limits limits, Unit unit) {
  return format_quantity(limits.min, unit) + ".." + format_quantity(limits.max, unit);
}

std::optional<Whole> SettingReader::read_whole(const SettingSlot& slot) {
  const auto value = slot.value.is_string() && slot.unit != Unit::none ? whole_from_text(slot)
                                                                       : whole_from_number(slot);
  if (!value) return std::nullopt;
  if (*value < slot.limits.min || *value > slot.limits.max) {
    report_wrong(slot, "a value in " + format_range(slot.limits, slot.unit));
    return std::nullopt;
  }
  return value;
}

std::optional<Whole> SettingReader::whole_from_number(const SettingSlot& slot) {
  if (slot.value.is_number_unsigned()) return Whole{slot.value.get<std::uint64_t>()};
  if (slot.value.is_number_integer()) return Whole{slot.value.get<std::int64_t>()};
  std::string hint;
  if (slot.value.is_string() &&
      std::holds_alternative<Whole>(parse_quantity(slot.value.get<std::string>(), slot.unit)))
    hint = "write it without quotes";
  report_wrong(slot, kind_of_number(slot), hint);
  return std::nullopt;
}

std::optional<Whole> SettingReader::whole_from_text(const SettingSlot& slot) {
  const auto parsed = parse_quantity(slot.value.get<std::string>(), slot.unit);
  if (const auto* value = std::get_if<Whole>(&parsed)) return *value;
  report_wrong(slot, std::get<BadQuantity>(parsed).expected);
  return std::nullopt;
}

std::optional<bool> SettingReader::read_truth(const SettingSlot& slot) {
  if (slot.value.is_boolean()) return slot.value.get<bool>();
  report_wrong(slot, "true or false");
  return std::nullopt;
}

std::optional<std::string> SettingReader::read_text(const SettingSlot& slot) {
  if (slot.value.is_string()) return slot.value.get<std::string>();
  report_wrong(slot, "a text in double quotes");
  return std::nullopt;
}

std::optional<std::filesystem::path> SettingReader::read_path(const SettingSlot& slot) {
  const auto text = read_text(slot);
  if (!text) return std::nullopt;
  if (text->empty()) return std::filesystem::path();
  const std::filesystem::path said = tree_.source(slot.pointer).directory / *text;
  const std::filesystem::path path = std::filesystem::absolute(said).lexically_normal();
  if (text->find('\0') == std::string::npos && is_utf8(path.string())) return path;
  report_wrong(slot, "the name of a file, in UTF-8");
  return std::nullopt;
}

std::optional<std::size_t> SettingReader::read_choice(const SettingSlot& slot,
                                                      std::span<const std::string_view> names) {
  std::string expected;
  for (std::string_view name : names) {
    if (!expected.empty()) expected += ", ";
    expected += '"' + std::string(name) + '"';
  }
  expected = "one of " + expected;
  if (!slot.value.is_string()) {
    report_wrong(slot, expected);
    return std::nullopt;
  }
  const auto& text = slot.value.get_ref<const std::string&>();
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  report_wrong(slot, expected, did_you_mean(text, {names.begin(), names.end()}));
  return std::nullopt;
}

bool SettingReader::check_section(const SettingSlot& slot) {
  if (slot.value.is_object()) return true;
  report_wrong(slot, "a section { ... }");
  return false;
}

bool SettingReader::check_list(const SettingSlot& slot) {
  if (slot.value.is_array()) return true;
  report_wrong(slot, "a list [ ... ]");
  return false;
}

bool SettingReader::check_list(const SettingSlot& slot, std::size_t size) {
  if (slot.value.is_array() && slot.value.size() == size) return true;
  report_wrong(slot, "a list of " + std::to_string(size));
  return false;
}

void SettingReader::report_unknown_key(const SettingSlot& section, const std::string& key) {
  Problem problem = tree_.problem_at_key(section.pointer + pointer_step(key));
  problem.message = "unknown key";
  problem.hint = hint_for_key(settings_, dotted_path(section.pointer), key, Naming::key);
  problems_.push_back(std::move(problem));
}

void SettingReader::report_wrong(const SettingSlot& slot, std::string expected, std::string hint) {
  Problem problem = tree_.problem_at(slot.pointer);
  problem.expected = std::move(expected);
  problem.found = shown(slot.value);
  problem.hint = std::move(hint);
  problems_.push_back(std::move(problem));
}

}  // namespace numasim
