#include "workloads/task_json.hpp"

#include <utility>

#include "workloads/trace_names.hpp"

namespace numasim::trace {
namespace {

constexpr std::uint64_t kMostNodes = 64;

void check_node_count(JsonCursor& json, std::size_t offset, const Policy& policy) {
  const bool needs_nodes = policy.mode == PolicyMode::bind || policy.mode == PolicyMode::interleave;
  if (needs_nodes && policy.nodes.empty()) json.fail(offset, "this policy needs nodes");
  if (policy.mode == PolicyMode::preferred && policy.nodes.size() > 1) {
    json.fail(offset, "the preferred policy takes one node, or none for the local node");
  }
  if (policy.mode == PolicyMode::standard && !policy.nodes.empty()) {
    json.fail(offset, "the default policy takes no nodes");
  }
}

constexpr std::uint64_t kMostCpus = 1024;

/// What the CPU scheduler looks at.
void read_scheduling(JsonCursor& json, std::string_view key, TaskDeclaration& task) {
  if (key == "rt_priority") {
    task.rt_priority = static_cast<int>(json.integer(1, 99));
  } else if (key == "cpus") {
    json.array([&] {
      const auto cpu = json.unsigned_integer(0, kMostCpus - 1);
      task.cpus.push_back(CpuId{static_cast<std::uint16_t>(cpu)});
    });
  } else {
    json.skip_value();
  }
}

/// What the OOM killer looks at.
void read_merit(JsonCursor& json, std::string_view key, TaskDeclaration& task) {
  if (key == "oom_adj") {
    task.oom_adj = static_cast<int>(json.integer(-17, 15));
  } else if (key == "nice") {
    task.nice = static_cast<int>(json.integer(-20, 19));
  } else if (key == "superuser") {
    task.superuser = json.boolean();
  } else if (key == "raw_io") {
    task.raw_io = json.boolean();
  } else if (key == "init") {
    task.init = json.boolean();
  } else if (key == "parent") {
    task.parent = json.string();
  } else if (key == "mm_of") {
    task.mm_of = json.string();
  } else if (key == "make_it_fail") {
    task.make_it_fail = json.boolean();
  } else {
    read_scheduling(json, key, task);
  }
}

}  // namespace

Policy read_policy(JsonCursor& json) {
  static constexpr std::array<std::string_view, 2> kKeys{"mode", "nodes"};
  const std::size_t begin = json.offset();
  Policy policy;
  const auto seen = json.known_members(kKeys, [&](std::size_t key) {
    if (key == 0) {
      policy.mode = read_name(json, kPolicyNames);
    } else {
      json.array([&] {
        const auto node = json.unsigned_integer(0, kMostNodes - 1);
        policy.nodes.push_back(NodeId{static_cast<std::uint16_t>(node)});
      });
    }
  });
  if ((seen & 1) == 0) json.fail_missing_key(begin, "mode");
  check_node_count(json, begin, policy);
  return policy;
}

TaskDeclaration read_declaration(JsonCursor& json, TaskPlace& place) {
  const std::size_t begin = json.offset();
  place.column = begin + 1;
  TaskDeclaration task;
  const auto read_member = [&](std::size_t key) {
    place.value_columns[key] = static_cast<std::uint32_t>(json.offset()) + 1;
    switch (key) {
      case 0: {
        const std::size_t name_offset = json.offset();
        task.name = json.string();
        if (task.name.empty()) json.fail(name_offset, "a task needs a name");
        break;
      }
      case 1:
        task.cpu.value = static_cast<std::uint16_t>(json.unsigned_integer(0, kMostCpus - 1));
        break;
      case 2:
        task.cpuset = json.string();
        break;
      case 3:
        task.policy = read_policy(json);
        break;
      case 4:
        task.realtime = json.boolean();
        break;
      case 5:
        task.kernel_thread = json.boolean();
        break;
      case 6:
        task.memalloc = json.boolean();
        break;
      default:
        read_merit(json, kTaskKeys[key], task);
        break;
    }
  };
  const auto seen = json.known_members(kTaskKeys, read_member);
  for (std::size_t key = 0; key < 2; ++key) {
    if ((seen >> key & 1) == 0) json.fail_missing_key(begin, kTaskKeys[key]);
  }
  return task;
}

}  // namespace numasim::trace
