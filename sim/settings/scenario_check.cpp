#include "sim/settings/scenario_check.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "allocator/gfp.hpp"
#include "sim/settings/machine_check.hpp"
#include "sim/settings/machine_layout.hpp"
#include "sim/settings/problem_list.hpp"
#include "sim/settings/quantity.hpp"

namespace numasim {
namespace {

std::string pointer_to(std::size_t cpuset, std::string_view key) {
  return "/cpusets/" + std::to_string(cpuset) + '/' + std::string(key);
}

std::string parent_name(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : name.substr(0, slash);
}

/// "/db", "/db/log": steps of plain names.
bool is_cpuset_path(std::string_view name) {
  if (!name.starts_with('/')) return false;
  while (!name.empty()) {
    name.remove_prefix(1);
    const std::size_t slash = std::min(name.find('/'), name.size());
    if (!is_plain_name(name.substr(0, slash))) return false;
    name.remove_prefix(slash);
  }
  return true;
}

const CpusetConfig* find_cpuset(const std::vector<CpusetConfig>& cpusets, std::string_view name) {
  const auto found = std::find_if(cpusets.begin(), cpusets.end(),
                                  [&](const CpusetConfig& set) { return set.name == name; });
  return found == cpusets.end() ? nullptr : &*found;
}

/// A list of a cpuset, or of the nearest one above it that has one. Empty: the root's.
const std::vector<int>& effective(const std::vector<CpusetConfig>& cpusets, const CpusetConfig& set,
                                  std::vector<int> CpusetConfig::*list) {
  static const std::vector<int> of_root;
  const CpusetConfig* at = &set;
  while (at != nullptr && (at->*list).empty()) at = find_cpuset(cpusets, parent_name(at->name));
  return at == nullptr ? of_root : at->*list;
}

bool contains(const std::vector<int>& list, int id) {
  return list.empty() || std::find(list.begin(), list.end(), id) != list.end();
}

/// "the machine has nodes 0..3".
std::string has(std::size_t count, const std::string& what) {
  if (count == 0) return "the machine has none";
  if (count == 1) return "the machine has " + what + " 0 only";
  return "the machine has " + what + "s 0.." + std::to_string(count - 1);
}

/// What kernel/cpuset.c, validate_change() of 2.6.24 demands, and that all it names exists.
class CpusetCheck {
 public:
  CpusetCheck(const Scenario& scenario, ProblemList& problems)
      : cpusets_(scenario.cpusets),
        machine_(scenario.machine),
        problems_(problems),
        nodes_sound_(problems.sound({"/machine/nodes"})) {}

  void check() {
    bool well_named = true;
    for (std::size_t i = 0; i < cpusets_.size(); ++i) well_named &= check_name(i);
    for (std::size_t i = 0; i < cpusets_.size(); ++i) {
      check_nodes_exist(i);
      if (nodes_sound_) check_cpus_exist(i);
      if (well_named) check_against_others(i);
    }
  }

 private:
  bool check_name(std::size_t i) {
    const std::string& name = cpusets_[i].name;
    if (name == "/") {
      add(i, "name", {.message = "the root cpuset exists already and holds everything"});
    } else if (!is_cpuset_path(name)) {
      add(i, "name", {.expected = "a path of plain names, such as \"/db\"", .found = quoted(name)});
    } else if (find_cpuset(cpusets_, name) != &cpusets_[i]) {
      add(i, "name", {.message = "two cpusets are called " + quoted(name)});
    } else if (parent_name(name) != "/" && !find_cpuset(cpusets_, parent_name(name))) {
      add(i, "name",
          {.message = "its parent " + quoted(parent_name(name)) + " is not in the list"});
    } else {
      return true;
    }
    return false;
  }

  void check_nodes_exist(std::size_t i) {
    const auto memory = memory_by_address(machine_);
    const auto& mems = cpusets_[i].mems;
    for (std::size_t k = 0; k < mems.size(); ++k) {
      const std::string key = "mems/" + std::to_string(k);
      if (static_cast<std::size_t>(mems[k]) >= memory.size()) {
        add(i, key,
            {.message = "there is no node " + std::to_string(mems[k]),
             .hint = has(memory.size(), "node")});
      } else if (nodes_sound_ && memory[static_cast<std::size_t>(mems[k])].empty()) {
        add(i, key, {.message = "node " + std::to_string(mems[k]) + " has no memory"});
      }
    }
  }

  void check_cpus_exist(std::size_t i) {
    const auto& cpus = cpusets_[i].cpus;
    const int count = cpu_count(machine_);
    for (std::size_t k = 0; k < cpus.size(); ++k)
      if (cpus[k] >= count)
        add(i, "cpus/" + std::to_string(k),
            {.message = "there is no CPU " + std::to_string(cpus[k]),
             .hint = has(static_cast<std::size_t>(count), "CPU")});
  }

  void check_against_others(std::size_t i) {
    const CpusetConfig& set = cpusets_[i];
    const CpusetConfig* parent = find_cpuset(cpusets_, parent_name(set.name));
    if (parent != nullptr) {
      check_within(i, "mems", &CpusetConfig::mems, *parent);
      check_within(i, "cpus", &CpusetConfig::cpus, *parent);
      check_exclusive_parent(i, *parent, "mem_exclusive", &CpusetConfig::mem_exclusive);
      check_exclusive_parent(i, *parent, "cpu_exclusive", &CpusetConfig::cpu_exclusive);
    }
    for (std::size_t other = 0; other < i; ++other) check_siblings(i, other);
  }

  void check_exclusive_parent(std::size_t i, const CpusetConfig& parent, std::string_view flag,
                              bool CpusetConfig::*exclusive) {
    if (!(cpusets_[i].*exclusive) || parent.*exclusive) return;
    add(i, flag, {.message = "its parent " + parent.name + " is not " + std::string(flag)});
  }

  void check_within(std::size_t i, std::string_view key, std::vector<int> CpusetConfig::*list,
                    const CpusetConfig& parent) {
    const auto& allowed = effective(cpusets_, parent, list);
    const auto& wanted = cpusets_[i].*list;
    for (std::size_t k = 0; k < wanted.size(); ++k)
      if (!contains(allowed, wanted[k]))
        add(i, std::string(key) + '/' + std::to_string(k),
            {.message = std::to_string(wanted[k]) + " is not in " + std::string(key) +
                        " of its parent " + parent.name});
  }

  void check_siblings(std::size_t i, std::size_t other) {
    if (parent_name(cpusets_[i].name) != parent_name(cpusets_[other].name)) return;
    check_alone(i, other, {"mems", "a node", &CpusetConfig::mems}, "mem_exclusive",
                &CpusetConfig::mem_exclusive);
    check_alone(i, other, {"cpus", "a CPU", &CpusetConfig::cpus}, "cpu_exclusive",
                &CpusetConfig::cpu_exclusive);
  }

  struct Resource {
    std::string_view key;
    std::string_view one;
    std::vector<int> CpusetConfig::*list;
  };

  void check_alone(std::size_t i, std::size_t other, const Resource& resource,
                   std::string_view flag, bool CpusetConfig::*exclusive) {
    const CpusetConfig &a = cpusets_[i], &b = cpusets_[other];
    if (!(a.*exclusive) && !(b.*exclusive)) return;
    const auto& mine = effective(cpusets_, a, resource.list);
    const auto& theirs = effective(cpusets_, b, resource.list);
    const bool shared = mine.empty() || std::any_of(mine.begin(), mine.end(), [&](int id) {
                          return contains(theirs, id);
                        });
    if (shared)
      add(i, resource.key,
          {.message = "shares " + std::string(resource.one) + " with " + b.name + ", and " +
                      (a.*exclusive ? a.name : b.name) + " is " + std::string(flag)});
  }

  void add(std::size_t i, std::string_view key, const Finding& finding) {
    problems_.add(pointer_to(i, key), finding);
  }

  const std::vector<CpusetConfig>& cpusets_;
  const MachineConfig& machine_;
  ProblemList& problems_;
  const bool nodes_sound_;  // else only their number is known
};

void check_kernel(const Scenario& scenario, ProblemList& problems) {
  if (!problems.sound({"/machine/nodes"})) return;
  const std::uint64_t memory = total_memory(scenario.machine).value;
  const auto check = [&](const char* key, std::uint64_t wanted, std::uint64_t unit_bytes) {
    const std::string pointer = std::string("/kernel/") + key;
    if (!problems.sound({pointer}) || wanted <= memory / unit_bytes) return;
    problems.add(pointer, {.expected = "no more than the machine has, " +
                                       std::to_string(memory / unit_bytes),
                           .found = std::to_string(wanted)});
  };
  const KernelConfig& kernel = scenario.kernel;
  check("kernelcore_pages", static_cast<std::uint64_t>(kernel.kernelcore.value), kPageBytes);
  check("movablecore_pages", static_cast<std::uint64_t>(kernel.movablecore.value), kPageBytes);
  check("min_free_kbytes", static_cast<std::uint64_t>(kernel.min_free_kbytes.value_or(0)), 1024);
}

void check_fail_allocations(const Scenario& scenario, ProblemList& problems) {
  const auto& rules = scenario.kernel.fail_allocations;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string rule = "/kernel/fail_allocations/" + std::to_string(i) + '/';
    const auto check = [&](const char* key, const std::string& gfp) {
      if (problems.sound({rule + key}) && !parse_gfp(gfp))
        problems.add(rule + key, {.expected = "GFP flags, such as \"GFP_ATOMIC|__GFP_COMP\"",
                                  .found = quoted(gfp)});
    };
    check("gfp", rules[i].gfp);
    check("gfp_without", rules[i].gfp_without);
    if (problems.sound({rule + "max_order"}) && rules[i].max_order < rules[i].min_order)
      problems.add(rule + "max_order", {.expected = "no less than min_order",
                                        .found = std::to_string(rules[i].max_order)});
  }
}

void check_readable(const std::filesystem::path& path, const std::string& pointer,
                    std::string_view what, ProblemList& problems) {
  std::error_code ignored;
  const bool directory = std::filesystem::is_directory(path, ignored);
  // Asked, not tried: to open a pipe waits for whoever writes to it.
  if (!directory && access(path.c_str(), R_OK) == 0) return;
  const std::string reason = directory ? "it is a directory" : std::strerror(errno);
  problems.add(pointer, {.message = "cannot read " + std::string(what) + ' ' + path.string() +
                                    ": " + reason});
}

void check_files(const Scenario& scenario, ProblemList& problems) {
  const std::string trace = "/workload/trace", state = "/run/start_state";
  if (problems.sound({trace}) && scenario.workload.trace.empty()) {
    problems.add(trace, {.expected = "the name of a trace",
                         .found = "none",
                         .hint = "add \"workload\": {\"trace\": \"FILE.jsonl\"}"});
  } else if (problems.sound({trace})) {
    check_readable(scenario.workload.trace, trace, "the trace", problems);
  }
  if (problems.sound({state}) && !scenario.run.start_state.empty())
    check_readable(scenario.run.start_state, state, "the state file", problems);
}

}  // namespace

void check_scenario(const Scenario& scenario, const SettingsTree& tree,
                    std::vector<Problem>& problems) {
  ProblemList findings(tree, problems);
  if (findings.sound({"/name"}) && !scenario.name.empty() && !is_plain_name(scenario.name))
    findings.add("/name", {.expected = std::string(kPlainName),
                           .found = quoted(scenario.name),
                           .hint = "\"description\" may hold any text"});
  check_machine(scenario.machine, findings);
  if (findings.sound({"/cpusets"}) && findings.list_sound("/machine/nodes"))
    CpusetCheck(scenario, findings).check();
  check_kernel(scenario, findings);
  check_fail_allocations(scenario, findings);
  check_files(scenario, findings);
}

void inherit_cpuset_masks(Scenario& scenario) {
  std::vector<int> all_mems, all_cpus;
  const auto memory = memory_by_address(scenario.machine);
  for (std::size_t node = 0; node < memory.size(); ++node)
    if (!memory[node].empty()) all_mems.push_back(static_cast<int>(node));
  for (int cpu = 0; cpu < cpu_count(scenario.machine); ++cpu) all_cpus.push_back(cpu);

  const std::vector<CpusetConfig> written = scenario.cpusets;
  for (CpusetConfig& set : scenario.cpusets) {
    const auto& mems = effective(written, set, &CpusetConfig::mems);
    const auto& cpus = effective(written, set, &CpusetConfig::cpus);
    set.mems = mems.empty() ? all_mems : mems;
    set.cpus = cpus.empty() ? all_cpus : cpus;
  }
}

}  // namespace numasim
