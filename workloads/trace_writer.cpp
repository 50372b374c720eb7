#include "workloads/trace_writer.hpp"

#include <charconv>
#include <utility>

#include "allocator/check.hpp"
#include "workloads/json_text.hpp"
#include "workloads/trace_names.hpp"

namespace numasim::trace {
namespace {

template <class Id>
void put_ids(JsonText& json, std::string_view key, const std::vector<Id>& ids) {
  json.key(key).begin_array();
  for (const Id id : ids) json.number(id.value);
  json.end_array();
}

void put_policy(JsonText& json, std::string_view key, const Policy& policy) {
  json.key(key).begin_object().member("mode", name_of(kPolicyNames, policy.mode));
  if (!policy.nodes.empty()) put_ids(json, "nodes", policy.nodes);
  json.end_object();
}

void put_members(JsonText& json, const TaskDeclaration& task) {
  const TaskDeclaration standard;
  json.member("name", task.name).member("cpu", task.cpu.value);
  if (task.cpuset != standard.cpuset) json.member("cpuset", task.cpuset);
  if (task.policy != standard.policy) put_policy(json, "policy", task.policy);
  if (task.realtime) json.member("realtime", true);
  if (task.kernel_thread) json.member("kernel_thread", true);
  if (task.memalloc) json.member("memalloc", true);
  if (task.oom_adj != 0) json.member("oom_adj", task.oom_adj);
  if (task.nice != 0) json.member("nice", task.nice);
  if (task.superuser) json.member("superuser", true);
  if (task.raw_io) json.member("raw_io", true);
  if (task.init) json.member("init", true);
  if (!task.parent.empty()) json.member("parent", task.parent);
  if (!task.mm_of.empty()) json.member("mm_of", task.mm_of);
  if (task.make_it_fail) json.member("make_it_fail", true);
  if (!task.cpus.empty()) put_ids(json, "cpus", task.cpus);
  if (task.rt_priority != 0) json.member("rt_priority", task.rt_priority);
}

void put(JsonText& json, const Alloc& alloc) {
  json.member("id", alloc.id);
  if (alloc.count != 1) json.member("count", alloc.count);
  if (alloc.order != Order{}) json.member("order", alloc.order.value);
  if (alloc.gfp != GFP_KERNEL) json.member("gfp", to_string(alloc.gfp));
  if (alloc.node) json.member("node", alloc.node->value);
}

void put(JsonText& json, const Free& free) {
  if (free.pfn) {
    json.member("pfn", free.pfn->value);
    if (free.order != Order{}) json.member("order", free.order.value);
  } else {
    json.member("id", free.id);
    if (free.count != 1) json.member("count", free.count);
  }
  if (free.cold) json.member("cold", true);
}

void put_device(JsonText& json, const std::string& device) {
  if (!device.empty()) json.member("device", device);
}

void put(JsonText& json, const Map& map) {
  json.member("region", map.region).member("pages", map.length.value);
  if (!map.file.empty()) json.member("file", map.file);
  if (map.shared) json.member("shared", true);
  if (map.policy) put_policy(json, "policy", *map.policy);
  put_device(json, map.device);
}

void put_pages(JsonText& json, PageCount first, PageCount count) {
  if (first != PageCount{}) json.member("first_page", first.value);
  json.member("pages", count.value);
}

void put(JsonText& json, const Touch& touch) {
  json.member("region", touch.region);
  put_pages(json, touch.first, touch.count);
  if (!touch.write) json.member("write", false);
}

void put(JsonText& json, const Unmap& unmap) { json.member("region", unmap.region); }

void put(JsonText& json, const Read& read) {
  json.member("file", read.file);
  put_pages(json, read.first, read.count);
  put_device(json, read.device);
}

void put(JsonText& json, const Write& write) {
  json.member("file", write.file);
  put_pages(json, write.first, write.count);
  put_device(json, write.device);
}

void put(JsonText& json, const Compute& compute) {
  json.member("duration_ns", to_ns(compute.duration));
}

void put(JsonText& json, const Sleep& sleep) { json.member("duration_ns", to_ns(sleep.duration)); }

void put(JsonText&, const Exit&) {}

void put(JsonText& json, const Drain& drain) {
  if (drain.all_cpus) json.member("all_cpus", true);
}

void put(JsonText&, const RefreshVmStats&) {}

void put(JsonText& json, const TrimPageset& trim) {
  json.member("node", trim.node.value).member("zone", name_of(kZoneNames, trim.zone));
}

void put(JsonText& json, const Sysctl& sysctl) {
  json.member("name", sysctl.name).key("value");
  if (sysctl.values.size() == 1) {
    json.number(sysctl.values.front());
    return;
  }
  json.begin_array();
  for (const std::int64_t value : sysctl.values) json.number(value);
  json.end_array();
}

void put(JsonText& json, const ChangeCpuset& change) {
  json.member("cpuset", change.cpuset);
  if (change.mems) put_ids(json, "mems", *change.mems);
  if (change.cpus) put_ids(json, "cpus", *change.cpus);
  const auto put_flag = [&json](std::string_view key, std::optional<bool> flag) {
    if (flag) json.member(key, *flag);
  };
  put_flag("mem_exclusive", change.mem_exclusive);
  put_flag("cpu_exclusive", change.cpu_exclusive);
  put_flag("memory_migrate", change.memory_migrate);
  put_flag("memory_spread_page", change.memory_spread_page);
  put_flag("memory_spread_slab", change.memory_spread_slab);
  put_flag("memory_pressure_enabled", change.memory_pressure_enabled);
}

void put_who(JsonText& json, const std::string& who) {
  if (!who.empty()) json.member("who", who);
}

void put(JsonText& json, const MoveTask& move) {
  put_who(json, move.who);
  json.member("cpuset", move.cpuset);
}

void put(JsonText& json, const SetMempolicy& set) { put_policy(json, "policy", set.policy); }

void put(JsonText& json, const Mbind& mbind) {
  json.member("region", mbind.region);
  put_policy(json, "policy", mbind.policy);
  if (mbind.move != MovePages::none) json.member("move", name_of(kMovePagesNames, mbind.move));
}

void put(JsonText& json, const MigratePages& migrate) {
  put_who(json, migrate.who);
  put_ids(json, "from", migrate.from);
  put_ids(json, "to", migrate.to);
}

void put(JsonText&, const Sync&) {}

void put(JsonText& json, const OomAdj& adj) {
  put_who(json, adj.who);
  json.member("value", adj.value);
}

void put(JsonText& json, const Nice& nice) {
  put_who(json, nice.who);
  json.member("value", nice.value);
}

void put(JsonText& json, const Wait& wait) {
  put_who(json, wait.who);
  if (wait.records) json.member("records", *wait.records);
}

void put(JsonText& json, const LookUp& look_up) {
  json.member("directory", look_up.directory);
  if (look_up.first != 0) json.member("first_name", look_up.first);
  json.member("names", look_up.count);
}

}  // namespace

std::string to_json(const Header& header) {
  std::string text;
  JsonText json(text);
  json.begin_object().member("numasim_trace", header.version);
  if (!header.description.empty()) json.member("description", header.description);
  if (header.vm_stats_refresh != VmStatsRefresh::periodic) {
    json.member("vm_stats_refresh", name_of(kRefreshNames, header.vm_stats_refresh));
  }
  if (!header.tasks.empty()) {
    json.key("tasks").begin_array();
    for (const TaskDeclaration& task : header.tasks) {
      json.begin_object();
      put_members(json, task);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return text;
}

std::string to_json(const TaskDeclaration& task) {
  std::string text;
  JsonText json(text);
  json.begin_object().member("op", "task");
  put_members(json, task);
  json.end_object();
  return text;
}

std::string to_json(const Record& record, const std::vector<TaskDeclaration>& tasks) {
  MM_CHECK(record.task < tasks.size(), record.task, tasks.size());
  std::string text;
  JsonText json(text);
  json.begin_object();
  if (record.not_before) json.member("t", to_ns(*record.not_before));
  json.member("task", tasks[record.task].name);
  json.member("op", kOperationNames[record.operation.index()]);
  std::visit([&](const auto& operation) { put(json, operation); }, record.operation);
  if (record.in_interrupt) json.member("in_interrupt", true);
  if (record.memalloc) json.member("memalloc", true);
  json.end_object();
  return text;
}

TraceWriter::TraceWriter(const std::filesystem::path& file, const Header& header)
    : file_(file), tasks_(header.tasks) {
  file_.write(to_json(header) + '\n');
}

void TraceWriter::declare(TaskDeclaration task) {
  file_.write(to_json(task) + '\n');
  tasks_.push_back(std::move(task));
}

void TraceWriter::write(const Record& record) {
  line_ = to_json(record, tasks_);
  line_ += '\n';
  file_.write(line_);
  ++records_;
}

}  // namespace numasim::trace
