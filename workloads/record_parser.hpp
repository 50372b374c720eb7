#pragma once
// One line of a trace to one record. trace_reader drives it.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/json_cursor.hpp"
#include "workloads/task_json.hpp"
#include "workloads/trace.hpp"

namespace numasim::trace {

/// Keys of trace records, in the order of their names in record_parser.cpp.
enum class Key : std::uint8_t {
  t,
  task,
  op,
  id,
  order,
  gfp,
  count,
  node,
  pfn,
  cold,
  region,
  first_page,
  pages,
  write,
  file,
  shared,
  policy,
  duration_ns,
  all_cpus,
  zone,
  in_interrupt,
  memalloc,
  name,
  value,
  cpuset,
  mems,
  cpus,
  mem_exclusive,
  cpu_exclusive,
  memory_migrate,
  memory_spread_page,
  memory_spread_slab,
  memory_pressure_enabled,
  who,
  move,
  from,
  to,
  records,
  directory,
  first_name,
  names,
  device
};
inline constexpr std::size_t kKeys = 42;

/// Finds tasks by name, in order of declaration.
class TaskTable {
 public:
  /// False when the name is taken.
  [[nodiscard]] bool add(TaskDeclaration task, TaskPlace place);
  std::optional<std::uint32_t> find(std::string_view name);
  const std::vector<TaskDeclaration>& all() const { return tasks_; }
  const TaskPlace& place_of(std::size_t task) const { return places_[task]; }

 private:
  std::vector<TaskDeclaration> tasks_;
  std::vector<TaskPlace> places_;
  std::map<std::string, std::uint32_t, std::less<>> index_;
  std::uint32_t latest_ = 0;  // traces name the same task again and again
};

/// Parses lines one after the other; remembers where the members of the latest one stand.
class RecordParser {
 public:
  /// A record line; nothing when it declared a task, which is added to `tasks`.
  /// Throws InputError.
  std::optional<Record> parse(const std::string& file, const Line& line, TaskTable& tasks);

  /// Column of the value of member `key` in the latest line, 0 when it has none.
  std::uint64_t column_of(std::string_view key) const;

 private:
  using KeySet = std::uint64_t;
  struct UnknownKey {
    std::string text;
    std::size_t offset = 0;
  };

  bool has(Key key) const { return seen_ >> static_cast<unsigned>(key) & 1; }
  void find_members(JsonCursor& json);
  void refuse_keys_outside(JsonCursor& json, KeySet allowed, std::size_t kind) const;
  std::size_t operation_kind(JsonCursor& json) const;
  Operation operation(JsonCursor& json, std::size_t kind);

  void go_to(JsonCursor& json, Key key) const;
  std::uint64_t number(JsonCursor& json, Key key, std::uint64_t min, std::uint64_t max) const;
  std::uint64_t number_or(JsonCursor& json, Key key, std::uint64_t fallback, std::uint64_t min,
                          std::uint64_t max) const;
  bool flag_or(JsonCursor& json, Key key, bool fallback) const;
  std::string text(JsonCursor& json, Key key) const;
  std::string device(JsonCursor& json) const;
  PageCount pages(JsonCursor& json) const;
  PageCount first_page(JsonCursor& json) const;
  SimDuration duration(JsonCursor& json) const;
  Order order(JsonCursor& json) const;
  Gfp gfp(JsonCursor& json);
  Alloc alloc(JsonCursor& json);
  Free free(JsonCursor& json) const;
  Map map(JsonCursor& json) const;
  TrimPageset trim_pageset(JsonCursor& json) const;

  // record_parser_settings.cpp: what changes settings.
  Operation settings_operation(JsonCursor& json, std::size_t kind) const;
  Sysctl sysctl(JsonCursor& json) const;
  ChangeCpuset change_cpuset(JsonCursor& json) const;
  std::string who(JsonCursor& json) const;
  int small_number(JsonCursor& json, int min, int max) const;
  Policy policy(JsonCursor& json) const;
  std::vector<NodeId> nodes(JsonCursor& json, Key key) const;
  std::optional<bool> optional_flag(JsonCursor& json, Key key) const;

  std::array<std::size_t, kKeys> value_offset_{};
  std::array<std::size_t, kKeys> key_offset_{};
  KeySet seen_ = 0;
  std::optional<UnknownKey> unknown_key_;  // the first
  std::size_t object_offset_ = 0;
  std::string latest_gfp_text_;  // traces repeat a few masks
  Gfp latest_gfp_;
};

}  // namespace numasim::trace
