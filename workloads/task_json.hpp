#pragma once
// Declarations of tasks and memory policies, as the trace format writes them.

#include "workloads/json_cursor.hpp"
#include "workloads/trace.hpp"

namespace numasim::trace {

/// {"mode":"bind","nodes":[0,1]}. Throws InputError.
Policy read_policy(JsonCursor& json);

/// {"name":"hog","cpu":0,...}, with or without the "op":"task" of a record. Throws InputError.
TaskDeclaration read_declaration(JsonCursor& json);

/// Goes to a string value and returns what `names` calls so. Throws InputError.
template <class Names>
auto read_name(JsonCursor& json, const Names& names) {
  const std::size_t begin = json.offset();
  const std::string name = json.string();
  std::vector<std::string_view> known;
  for (const auto& [candidate, value] : names) {
    if (candidate == name) return value;
    known.push_back(candidate);
  }
  std::string expected = "one of";
  for (std::string_view candidate : known) expected += ' ' + std::string(candidate);
  json.fail_expected(begin, expected, did_you_mean(name, known));
}

}  // namespace numasim::trace
