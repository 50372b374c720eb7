#include "sim/conform/verdicts.hpp"

#include <algorithm>

namespace numasim::conform {
namespace {

/// Long values are cut: the pointer says where to look.
std::string shortened(const Json& value) {
  constexpr std::size_t kMost = 400;
  std::string text = value.is_discarded() ? "nothing" : value.dump();
  if (text.size() > kMost) text = text.substr(0, kMost) + " ...";
  return text;
}

Json nothing() { return Json(Json::value_t::discarded); }

}  // namespace

std::optional<Difference> first_difference(const Json& expected, const Json& actual,
                                           const std::string& pointer) {
  if (expected.is_object() && actual.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      const auto found = actual.find(key);
      const std::string below = pointer + '/' + key;
      if (found == actual.end()) return Difference{below, value, nothing(), {}};
      if (auto difference = first_difference(value, *found, below)) return difference;
    }
    return std::nullopt;
  }
  if (expected.is_array() && actual.is_array()) {
    for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
      const std::string below = pointer + '/' + std::to_string(i);
      if (i >= actual.size()) return Difference{below, expected[i], nothing(), {}};
      if (i >= expected.size()) return Difference{below, nothing(), actual[i], {}};
      if (auto difference = first_difference(expected[i], actual[i], below)) return difference;
    }
    return std::nullopt;
  }
  if (expected == actual) return std::nullopt;
  return Difference{pointer, expected, actual, {}};
}

void Verdicts::failed(const std::string& where, const std::string& case_name,
                      const Difference& difference) {
  ++failed_;
  out_ << where << ": case " << case_name;
  if (!difference.at.empty()) out_ << ", " << difference.at;
  out_ << "\n  expected " << shortened(difference.expected) << "\n  actual   "
       << shortened(difference.actual) << '\n';
  if (!difference.context.empty()) out_ << "  after    " << difference.context << '\n';
}

void Verdicts::judge(const std::string& where, const std::string& case_name,
                     const std::optional<Difference>& difference) {
  if (difference)
    failed(where, case_name, *difference);
  else
    passed();
}

}  // namespace numasim::conform
