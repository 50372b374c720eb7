#pragma once
// Declarations of tasks and memory policies, as the trace format writes them.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "workloads/json_cursor.hpp"
#include "workloads/trace.hpp"

namespace numasim::trace {

/// {"mode":"bind","nodes":[0,1]}. Throws InputError.
Policy read_policy(JsonCursor& json);

inline constexpr std::array<std::string_view, 18> kTaskKeys{
    "name",    "cpu",  "cpuset",    "policy", "realtime", "kernel_thread", "memalloc",
    "oom_adj", "nice", "superuser", "raw_io", "init",     "parent",        "mm_of",
    "make_it_fail", "cpus", "rt_priority", "op"};

/// Where a task is declared.
struct TaskPlace {
  std::uint64_t line = 0;
  std::uint64_t column = 0;  // of the declaration
  std::string pointer{};     // to it: "/tasks/0", or "" for a record
  std::array<std::uint32_t, kTaskKeys.size()> value_columns{};  // 0: not given
};

/// {"name":"hog","cpu":0,...}, with or without the "op":"task" of a record; says in `place` which
/// columns its members have. Throws InputError.
TaskDeclaration read_declaration(JsonCursor& json, TaskPlace& place);

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
