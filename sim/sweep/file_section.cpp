#include "sim/sweep/file_section.hpp"

#include <algorithm>
#include <utility>

#include "sim/settings/scenario_settings.hpp"

namespace numasim::sweep {

using Json = SettingsTree::Json;

FileSection::FileSection(const SettingsTree& tree, std::vector<Problem>& problems,
                         std::string pointer, std::vector<std::string_view> known,
                         std::initializer_list<std::string_view> required)
    : tree_(tree), problems_(problems), pointer_(std::move(pointer)) {
  for (const auto& [key, value] : tree_.find(pointer_)->items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    Problem problem = tree_.problem_at_key(this->pointer(key));
    problem.message = "unknown key";
    problem.hint = did_you_mean(key, known);
    if (problem.hint.empty()) {
      for (const std::string_view name : known)
        problem.hint += (problem.hint.empty() ? "known: " : ", ") + std::string(name);
    }
    problems_.push_back(std::move(problem));
  }
  for (const std::string_view key : required) {
    if (has(key)) continue;
    Problem problem = tree_.problem_at(pointer_);
    problem.message = '"' + std::string(key) + "\" is missing";
    problems_.push_back(std::move(problem));
  }
}

std::string FileSection::pointer(std::string_view key) const {
  return pointer_ + pointer_step(key);
}

const Json* FileSection::find(std::string_view key) const { return tree_.find(pointer(key)); }

std::optional<std::string> FileSection::text(std::string_view key) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  SettingReader reader(tree_, scenario_settings(), problems_);
  return reader.read_text({*value, pointer(key), Unit::none, {}});
}

std::optional<Whole> FileSection::whole(std::string_view key, Unit unit, Limits limits) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  SettingReader reader(tree_, scenario_settings(), problems_);
  return reader.read_whole({*value, pointer(key), unit, limits});
}

std::optional<double> FileSection::between(std::string_view key, double below, double above) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) {
    const auto number = value->get<double>();
    if (number > below && number < above) return number;
  }
  report(tree_, problems_, pointer(key),
         "a number between " + Json(below).dump() + " and " + Json(above).dump(), shown(*value));
  return std::nullopt;
}

std::optional<std::size_t> FileSection::choice(std::string_view key,
                                               std::vector<std::string_view> names) {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  SettingReader reader(tree_, scenario_settings(), problems_);
  return reader.read_choice({*value, pointer(key), Unit::none, {}}, names);
}

void report(const SettingsTree& tree, std::vector<Problem>& problems, const std::string& pointer,
            std::string expected, std::string found, std::string hint) {
  Problem problem = tree.problem_at(pointer);
  problem.expected = std::move(expected);
  problem.found = std::move(found);
  problem.hint = std::move(hint);
  problems.push_back(std::move(problem));
}

}  // namespace numasim::sweep
