// Records that change settings while the machine runs.

#include "workloads/record_parser.hpp"
#include "workloads/trace_names.hpp"

namespace numasim::trace {
namespace {

constexpr std::int64_t kMostValue = std::int64_t{1} << 52;
constexpr std::uint64_t kMostNodes = 64, kMostCpus = 1024, kMostNames = std::uint64_t{1} << 40;

}  // namespace

Operation RecordParser::settings_operation(JsonCursor& json, std::size_t kind) const {
  const std::string_view op = kOperationNames[kind];
  if (op == "sysctl") return sysctl(json);
  if (op == "cpuset") return change_cpuset(json);
  if (op == "move_task") return MoveTask{who(json), text(json, Key::cpuset)};
  if (op == "set_mempolicy") return SetMempolicy{policy(json)};
  if (op == "mbind") {
    Mbind mbind{.region = text(json, Key::region), .policy = policy(json)};
    if (has(Key::move)) {
      go_to(json, Key::move);
      mbind.move = read_name(json, kMovePagesNames);
    }
    return mbind;
  }
  if (op == "migrate_pages")
    return MigratePages{who(json), nodes(json, Key::from), nodes(json, Key::to)};
  if (op == "oom_adj") return OomAdj{who(json), small_number(json, -17, 15)};
  if (op == "nice") return Nice{who(json), small_number(json, -20, 19)};
  if (op == "wait") {
    Wait wait{.who = text(json, Key::who)};
    if (has(Key::records)) wait.records = number(json, Key::records, 1, UINT64_MAX);
    return wait;
  }
  if (op == "look_up")
    return LookUp{text(json, Key::directory), number_or(json, Key::first_name, 0, 0, kMostNames),
                  number(json, Key::names, 1, kMostNames)};
  return Sync{};
}

/// One number, or a list of them.
Sysctl RecordParser::sysctl(JsonCursor& json) const {
  Sysctl sysctl{.name = text(json, Key::name)};
  go_to(json, Key::value);
  const auto read = [&] { sysctl.values.push_back(json.integer(-kMostValue, kMostValue)); };
  if (json.at_array()) json.array(read);
  else read();
  return sysctl;
}

ChangeCpuset RecordParser::change_cpuset(JsonCursor& json) const {
  ChangeCpuset change{.cpuset = text(json, Key::cpuset)};
  if (has(Key::mems)) change.mems = nodes(json, Key::mems);
  if (has(Key::cpus)) {
    go_to(json, Key::cpus);
    auto& cpus = change.cpus.emplace();
    json.array([&] {
      cpus.push_back(CpuId{static_cast<std::uint16_t>(json.unsigned_integer(0, kMostCpus - 1))});
    });
  }
  change.mem_exclusive = optional_flag(json, Key::mem_exclusive);
  change.cpu_exclusive = optional_flag(json, Key::cpu_exclusive);
  change.memory_migrate = optional_flag(json, Key::memory_migrate);
  change.memory_spread_page = optional_flag(json, Key::memory_spread_page);
  change.memory_spread_slab = optional_flag(json, Key::memory_spread_slab);
  change.memory_pressure_enabled = optional_flag(json, Key::memory_pressure_enabled);
  return change;
}

std::string RecordParser::who(JsonCursor& json) const {
  return has(Key::who) ? text(json, Key::who) : std::string{};
}

int RecordParser::small_number(JsonCursor& json, int min, int max) const {
  go_to(json, Key::value);
  return static_cast<int>(json.integer(min, max));
}

Policy RecordParser::policy(JsonCursor& json) const {
  go_to(json, Key::policy);
  return read_policy(json);
}

std::vector<NodeId> RecordParser::nodes(JsonCursor& json, Key key) const {
  go_to(json, key);
  std::vector<NodeId> nodes;
  json.array([&] {
    nodes.push_back(NodeId{static_cast<std::uint16_t>(json.unsigned_integer(0, kMostNodes - 1))});
  });
  return nodes;
}

std::optional<bool> RecordParser::optional_flag(JsonCursor& json, Key key) const {
  if (!has(key)) return std::nullopt;
  go_to(json, key);
  return json.boolean();
}

}  // namespace numasim::trace
