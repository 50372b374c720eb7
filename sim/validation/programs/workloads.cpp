#include <vector>

#include "sim/validation/programs/programs.hpp"

namespace numasim::validation {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kFirstTouchMark = 100;
constexpr std::int64_t kFirstWriterMark = 1000;
constexpr std::int64_t kFirstOtherMark = 1500;  // of writers on the second disk
constexpr std::int64_t kFirstHogMark = 2000;
constexpr std::int64_t kFirstMapperMark = 3000;

std::string numbered(const char* name, std::int64_t number) {
  return name + std::to_string(number);
}

void fork_hogs(Crew& crew, Process& parent, const Parameters& parameters, const Hog& hog,
               std::vector<Process*>& children) {
  const std::int64_t count = parameters.number("nh", 1);
  for (std::int64_t k = 0; k < count; ++k)
    children.push_back(&crew.fork(parent, numbered("hog", k), kFirstHogMark + 10 * k,
                                  cpu_of_task(crew, parameters, k),
                                  [&crew, hog](Process& self) { hog.run(crew, self); }));
}

/// Writers of one file each, all on one disk, from task `first_task` on.
void fork_writers(Crew& crew, Process& parent, const Parameters& parameters,
                  const std::vector<FileWriter>& writers, std::int64_t first_mark,
                  std::vector<Process*>& children) {
  std::int64_t k = 0;
  for (const FileWriter& writer : writers) {
    children.push_back(&crew.fork(parent, "writer of " + writer.file, first_mark + 10 * k,
                                  cpu_of_task(crew, parameters, k),
                                  [&crew, writer](Process& self) { writer.run(crew, self); }));
    ++k;
  }
}

std::vector<FileWriter> writers_of_first_disk(const Parameters& parameters) {
  std::vector<FileWriter> writers;
  for (std::int64_t k = 0; k < parameters.number("nw", 1); ++k)
    writers.push_back({.file = numbered("w", k),
                       .pages = parameters.number("wpages", 0),
                       .rate = parameters.number("wrate", 0),
                       .chunk = parameters.number("wchunk", 16)});
  return writers;
}

std::vector<FileWriter> writers_of_second_disk(const Parameters& parameters) {
  std::vector<FileWriter> writers;
  for (std::int64_t k = 0; k < parameters.number("nw1", 0); ++k)
    writers.push_back({.file = numbered("v", k),
                       .pages = parameters.number("w1pages", 0),
                       .device = DeviceId{1}});
  return writers;
}

void fork_mapped_writers(Crew& crew, Process& parent, const Parameters& parameters,
                         std::vector<Process*>& children) {
  const std::int64_t count = parameters.number("nm", 0);
  for (std::int64_t k = 0; k < count; ++k) {
    const MappedWriter writer{.file = numbered("m", k), .pages = parameters.number("wpages", 0)};
    children.push_back(&crew.fork(parent, numbered("mapper", k), kFirstMapperMark + 10 * k,
                                  cpu_of_task(crew, parameters, k),
                                  [&crew, writer](Process& self) { writer.run(crew, self); }));
  }
}

void wait_for_all(Crew& crew, Process& parent, const std::vector<Process*>& children) {
  for (const Process* child : children) crew.wait(parent, *child);
}

}  // namespace

void run_anon(Crew& crew, Process& parent, const Parameters& parameters) {
  const Hog hog{.pages = parameters.number("pages", 0)};
  const Process& child = crew.fork(parent, "hog", kFirstTouchMark, CpuId{0},
                                   [&crew, hog](Process& self) { hog.run(crew, self); });
  crew.wait(parent, child);
  end_workload(crew, parent);
}

/// A file that is written and becomes clean, then hogs that take its pages' place.
void run_clean(Crew& crew, Process& parent, const Parameters& parameters) {
  const FileWriter writer{.file = "w0", .pages = parameters.number("wpages", 0)};
  const Process& child = crew.fork(parent, "writer0", kFirstWriterMark, CpuId{0},
                                   [&crew, writer](Process& self) { writer.run(crew, self); });
  crew.wait(parent, child);
  sync_until_clean(crew, parent);
  crew.sleep(parent, 1s);
  crew.account().mark(50);
  show_state(crew, parent);
  crew.account().mark(51);
  std::vector<Process*> hogs;
  fork_hogs(crew, parent, parameters, Hog::of(parameters), hogs);
  wait_for_all(crew, parent, hogs);
  end_workload(crew, parent);
}

/// Hogs that touch and hold, beside writers: over when the writers are.
void run_dirty(Crew& crew, Process& parent, const Parameters& parameters) {
  std::vector<Process*> hogs, writers;
  Hog hog = Hog::of(parameters);
  hog.holds = parameters.number("hold", 1) != 0;
  if (parameters.number("nh", 0) > 0) fork_hogs(crew, parent, parameters, hog, hogs);
  if (const auto wait = parameters.number("hwait")) crew.sleep(parent, std::chrono::seconds{*wait});
  fork_writers(crew, parent, parameters, writers_of_first_disk(parameters), kFirstWriterMark,
               writers);
  fork_writers(crew, parent, parameters, writers_of_second_disk(parameters), kFirstOtherMark,
               writers);
  fork_mapped_writers(crew, parent, parameters, writers);
  fork_askers(crew, parent, parameters);
  wait_for_all(crew, parent, writers);
  end_workload(crew, parent);
}

/// Hogs only, until all have exited or been killed.
void run_hogs(Crew& crew, Process& parent, const Parameters& parameters) {
  std::vector<Process*> hogs;
  fork_hogs(crew, parent, parameters, Hog::of(parameters), hogs);
  wait_for_all(crew, parent, hogs);
  end_workload(crew, parent);
}

Workload workload_of(const Parameters& parameters) {
  const std::string& scenario = parameters.scenario();
  if (scenario == "anon") return run_anon;
  if (scenario == "clean") return run_clean;
  if (scenario == "dirty") return run_dirty;
  if (scenario == "hogs") return run_hogs;
  if (scenario == "mpol") return run_policy;
  if (scenario == "cpuset") return run_cpuset;
  if (scenario == "csmove") return run_moving_cpuset;
  if (scenario == "cspress") return run_watched_cpuset;
  if (scenario == "nofail") return run_nofail;
  if (scenario == "reserve") return run_reserve;
  return nullptr;
}

}  // namespace numasim::validation
