#include "sim/settings/setting.hpp"

#include <algorithm>

#include "workloads/input_error.hpp"

namespace numasim {
namespace {

std::string_view last_step(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::string_view all_but_last_step(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view take_step(std::string_view& path) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  const std::string_view step = path.substr(0, dot);
  path.remove_prefix(std::min(dot + 1, path.size()));
  return step;
}

bool is_index(std::string_view step) {
  return !step.empty() &&
         std::all_of(step.begin(), step.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// True if `path` names what `pattern` does, an index standing for "N".
bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_step(pattern), step = take_step(path);
    if (wanted != step && !(wanted == "N" && is_index(step))) return false;
  }
  return pattern.empty() && path.empty();
}

std::string meant(const std::string& name) { return "did you mean " + name + "?"; }

std::string listed(const std::vector<std::string_view>& names) {
  std::string list;
  for (std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

}  // namespace

const Setting* find_setting(const Settings& settings, std::string_view path) {
  const auto found = std::find_if(settings.begin(), settings.end(), [&](const Setting& setting) {
    return matches(setting.path, path);
  });
  return found == settings.end() ? nullptr : &*found;
}

std::vector<std::string_view> keys_below(const Settings& settings, std::string_view section) {
  std::vector<std::string_view> keys;
  for (const Setting& setting : settings) {
    const std::string_view path = setting.path;
    if (last_step(path) != "N" && matches(all_but_last_step(path), section))
      keys.push_back(last_step(path));
  }
  return keys;
}

std::string dotted_path(std::string_view pointer) {
  std::string path(pointer.substr(pointer.empty() ? 0 : 1));
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

std::string pointer_of(std::string_view dotted_path) {
  std::string pointer = '/' + std::string(dotted_path);
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  return pointer;
}

nlohmann::ordered_json to_json(Whole value) {
  return value < 0 ? nlohmann::ordered_json(static_cast<std::int64_t>(value))
                   : nlohmann::ordered_json(static_cast<std::uint64_t>(value));
}

std::string hint_for_key(const Settings& settings, std::string_view section, std::string_view key,
                         Naming naming) {
  const bool by_path = naming == Naming::path;
  const std::string prefix = by_path && !section.empty() ? std::string(section) + '.' : "";
  const std::vector<std::string_view> here = keys_below(settings, section);
  if (const auto near = closest(key, here)) return meant(prefix + std::string(*near));
  for (std::string_view candidate : here)  // "memory" for "memory_bytes"
    if (key.size() >= 2 && candidate.starts_with(key))
      return meant(prefix + std::string(candidate));
  for (const Setting& setting : settings) {
    if (last_step(setting.path) != key) continue;
    const std::string_view home = all_but_last_step(setting.path);
    if (by_path) return meant(setting.path);
    return home.empty() ? "it belongs to the top level" : "it belongs in " + std::string(home);
  }
  const std::string list = listed(here);
  constexpr std::size_t readable = 120;
  return list.empty() || list.size() > readable ? "see numasim settings" : "known: " + list;
}

}  // namespace numasim
