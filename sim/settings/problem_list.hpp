#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/settings/settings_tree.hpp"

namespace numasim {

/// What a cross-check says is wrong with one setting.
struct Finding {
  std::string message = {};
  std::string expected = {};
  std::string found = {};
  std::string hint = {};
};

/// A user's text as a message shows it: in quotes, with control characters escaped.
inline std::string quoted(const std::string& text) {
  using Json = nlohmann::ordered_json;
  return Json(text).dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// Collects findings with their places. Knows which settings could not be read at all.
class ProblemList {
 public:
  ProblemList(const SettingsTree& tree, std::vector<Problem>& problems)
      : tree_(tree), problems_(problems), misread_(problems) {}

  /// True if none of these settings, nor anything inside them, was misread.
  bool sound(std::initializer_list<std::string_view> pointers) const {
    for (const Problem& problem : misread_)
      for (std::string_view pointer : pointers)
        if (is_inside(problem.pointer, pointer) || is_inside(pointer, problem.pointer))
          return false;
    return true;
  }

  /// True if the list itself could be read, whatever is wrong with its elements.
  bool list_sound(std::string_view pointer) const {
    for (const Problem& problem : misread_)
      if (is_inside(pointer, problem.pointer)) return false;
    return true;
  }

  void add(const std::string& pointer, const Finding& finding) {
    Problem problem = tree_.problem_at(pointer);
    problem.message = finding.message;
    problem.expected = finding.expected;
    problem.found = finding.found;
    problem.hint = finding.hint;
    problems_.push_back(std::move(problem));
  }

 private:
  /// Unknown keys spoil nothing but what they were meant to be, so "" counts for nothing.
  static bool is_inside(std::string_view pointer, std::string_view outer) {
    return !outer.empty() && pointer.starts_with(outer) &&
           (pointer.size() == outer.size() || pointer[outer.size()] == '/');
  }

  const SettingsTree& tree_;
  std::vector<Problem>& problems_;
  const std::vector<Problem> misread_;
};

}  // namespace numasim
