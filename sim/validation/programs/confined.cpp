// Workloads of tasks that are kept to some nodes: by a policy, or by a cpuset.

#include <algorithm>

#include "sim/validation/programs/programs.hpp"
#include "sim/validation/shown_files.hpp"

namespace numasim::validation {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kFirstTouchMark = 100;
constexpr std::int64_t kFirstWriterMark = 1000;
constexpr std::int64_t kLookedMark = 180;

/// What a task under a policy does: a file, memory, and a look at where both went.
void live_under_policy(Crew& crew, Process& self, const Parameters& parameters, std::int64_t k) {
  Kernel& kernel = crew.kernel();
  if (const std::int64_t pages = parameters.number("fpages", 0); pages > 0) {
    self.mark = kFirstWriterMark + 10 * k;
    FileWriter{.file = "f" + std::to_string(k), .pages = pages}.run(crew, self);
  }
  if (const std::int64_t pages = parameters.number("pages", 0); pages > 0) {
    self.mark = kFirstTouchMark + 10 * k;
    Hog hog{.pages = pages};
    if (parameters.number("vma", 0) != 0)
      hog.policy = policy_of(kernel, parameters.number("vmode", 0), parameters.number("vmask", 0));
    hog.run(crew, self);
  }
  if (self.task.killed) return;
  crew.report(self);
  crew.account().look_at_touched(self.task);
  crew.account().look_at_nodes("hold");
  crew.account().mark(kLookedMark);
}

/// Touches memory, or asks the recorder's hook for pages, inside a cpuset.
void live_in_cpuset(Crew& crew, Process& self, const Parameters& parameters) {
  const std::int64_t pages = parameters.number("pages", 0);
  if (parameters.text("csop").value_or("") != "k") {
    Hog{.pages = pages}.run(crew, self);
    return;
  }
  constexpr Hook::Work kCallWork{.alloc = {1'800}, .free = {700}};
  Hook hook(crew, kCallWork);
  crew.account().mark(self.mark);
  const Gfp gfp{static_cast<std::uint32_t>(parameters.number("gfp", GFP_KERNEL.value))};
  for (std::int64_t id = 0; id < pages && !self.task.killed; ++id)
    hook.alloc(self, id, {.gfp = gfp});
  crew.account().mark(self.mark + 1);
}

}  // namespace

NodeMask node_mask(const std::string& list) {
  NodeMask mask;
  for (const int node : parse_list(list)) mask.set(static_cast<std::size_t>(node));
  return mask;
}

void run_policy(Crew& crew, Process& parent, const Parameters& parameters) {
  std::vector<Process*> children;
  const std::int64_t tasks = parameters.number("nt", 1);
  const std::int64_t cpus = crew.machine().cpus();
  parameters.number("ncpu");
  const std::int64_t mode = parameters.number("mode", 0), mask = parameters.number("nmask", 0);
  for (std::int64_t k = 0; k < tasks; ++k) {
    const std::int64_t cpu = tasks > 1 ? k : parameters.number("cpu", 0);
    children.push_back(&crew.fork(
        parent, "task" + std::to_string(k), kFirstTouchMark + 10 * k,
        CpuId{static_cast<std::uint16_t>(std::min(cpu, cpus - 1))},
        [&crew, &parameters, k](Process& self) { live_under_policy(crew, self, parameters, k); },
        policy_of(crew.kernel(), mode, mask)));
  }
  for (const Process* child : children) crew.wait(parent, *child);
  end_workload(crew, parent);
}

void run_cpuset(Crew& crew, Process& parent, const Parameters& parameters) {
  Cpusets& cpusets = crew.kernel().memory().cpusets();
  const NodeMask mems =
      node_mask(parameters.text("cpuset.mems").value_or(parameters.text("mems").value_or("0")));
  const std::vector<int> cpus = parse_list(parameters.text("cpuset.cpus").value_or("0"));
  const bool exclusive = parameters.number("excl", 0) != 0;
  const Cpuset& cpuset = cpusets.add("/a", cpusets.root(), mems, exclusive);
  const CpuId cpu{static_cast<std::uint16_t>(cpus.empty() ? 0 : cpus.front())};
  const Process& child = crew.fork(parent, "confined", kFirstTouchMark, cpu,
                                   [&crew, &parameters, &cpuset](Process& self) {
                                     Cpusets::attach(self.task, cpuset);
                                     live_in_cpuset(crew, self, parameters);
                                   });
  crew.wait(parent, child);
  end_workload(crew, parent);
}

}  // namespace numasim::validation
