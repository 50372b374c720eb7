// Workloads inside a cpuset whose nodes change while they run, or whose pressure is watched.

#include "sim/validation/programs/programs.hpp"
#include "sim/validation/shown_files.hpp"

namespace numasim::validation {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kFirstTouchMark = 100;
constexpr std::int64_t kFirstWriterMark = 1000;
constexpr std::int64_t kHogMark = 2000;
constexpr std::int64_t kFirstChangeMark = 700;

/// Hands the word to and fro between a parent and its child.
class Baton {
 public:
  explicit Baton(Crew& crew) : crew_(crew) {}

  /// Sleeps until it is that turn.
  void await(Process& self, std::int64_t turn) {
    while (turn_ < turn && !self.task.killed) crew_.machine().wait(self.task, passed_);
  }
  void pass() {
    ++turn_;
    crew_.machine().wake_all(passed_);
  }

 private:
  Crew& crew_;
  std::int64_t turn_ = 0;
  WaitQueue passed_{"the other one's word"};
};

struct Phases {
  std::vector<NodeMask> mems;  // of each phase
  std::int64_t pages = 0;      // touched in each
  std::int64_t file_pages = 0;

  static Phases of(const Parameters& parameters) {
    Phases phases{.mems = {},
                  .pages = parameters.number("pages", 0),
                  .file_pages = parameters.number("fpages", 0)};
    for (const char* key : {"m0", "m1", "m2", "m3", "m4"})
      if (const auto list = parameters.text(key)) phases.mems.push_back(node_mask(*list));
    return phases;
  }
};

std::string region_of(std::int64_t phase) { return "touched" + std::to_string(phase); }

/// What the child does in a phase: its old memory once more, then as much again that is new.
void do_phase(Crew& crew, Process& self, const Phases& phases, std::int64_t phase) {
  Kernel& kernel = crew.kernel();
  for (std::int64_t old = 0; old < phase && phases.pages > 0; ++old)
    kernel.touch(self.task, region_of(old), 0, PageCount{phases.pages}, true);
  if (phase > 0) {
    show_file(crew, self);
    crew.account().look_at_touched(self.task);
  }
  if (phases.pages > 0) {
    self.mark = kFirstTouchMark + 10 * phase;
    Hog{.region = region_of(phase), .pages = phases.pages}.run(crew, self);
  }
  if (phases.file_pages > 0) {
    self.mark = kFirstWriterMark + 10 * phase;
    FileWriter{.file = "f" + std::to_string(phase), .pages = phases.file_pages}.run(crew, self);
  }
  if (self.task.killed) return;
  show_file(crew, self);
  crew.account().look_at_touched(self.task);
}

const Cpuset& make_cpuset(Crew& crew, NodeMask mems, const Parameters& parameters) {
  Cpusets& cpusets = crew.kernel().memory().cpusets();
  Cpuset cpuset;
  cpuset.name = "/a";
  cpuset.parent = &cpusets.root();
  cpuset.mems = mems;
  cpuset.flags.mem_exclusive = parameters.number("excl", 0) != 0;
  cpuset.flags.memory_migrate = parameters.number("mig", 0) != 0;
  cpuset.flags.memory_spread_page = parameters.number("spage", 0) != 0;
  cpuset.flags.memory_spread_slab = parameters.number("sslab", 0) != 0;
  return cpusets.add(cpuset);
}

void change_mems(Crew& crew, Process& parent, const Cpuset& cpuset, NodeMask mems) {
  constexpr Cycles kWork{40'000};  // of the system call
  Cpuset trial = cpuset;
  trial.mems = mems;
  parent.task.meter.add(kWork);
  crew.kernel().placement().change_cpuset(parent.task, cpuset, trial);
}

}  // namespace

void run_moving_cpuset(Crew& crew, Process& parent, const Parameters& parameters) {
  const Phases phases = Phases::of(parameters);
  const Cpuset& cpuset = make_cpuset(crew, phases.mems.at(0), parameters);
  Baton baton(crew);
  const auto count = static_cast<std::int64_t>(phases.mems.size());
  const Process& child =
      crew.fork(parent, "confined", kFirstTouchMark, CpuId{0}, [&](Process& self) {
        Cpusets::attach(self.task, cpuset);
        crew.sleep(self, 20ms);
        for (std::int64_t phase = 0; phase < count && !self.task.killed; ++phase) {
          baton.await(self, 2 * phase);
          do_phase(crew, self, phases, phase);
          baton.pass();
        }
      });
  for (std::int64_t phase = 1; phase < count; ++phase) {
    baton.await(parent, 2 * phase - 1);
    crew.sleep(parent, 2ms);
    crew.account().mark(kFirstChangeMark + phase);
    change_mems(crew, parent, cpuset, phases.mems[static_cast<std::size_t>(phase)]);
    crew.account().mark(kFirstChangeMark + 10 + phase);
    crew.sleep(parent, 2ms);
    baton.pass();
  }
  crew.wait(parent, child);
  end_workload(crew, parent);
}

void run_watched_cpuset(Crew& crew, Process& parent, const Parameters& parameters) {
  constexpr std::int64_t kReadingsAfterwards = 100;
  Cpusets& cpusets = crew.kernel().memory().cpusets();
  cpusets.enable_memory_pressure(true);
  const std::string mems = parameters.text("cpuset.mems").value_or("0");
  const Cpuset& cpuset = make_cpuset(crew, node_mask(mems), parameters);
  const auto confined = [&](auto program) {
    return [&crew, &cpuset, program](Process& self) {
      Cpusets::attach(self.task, cpuset);
      program.run(crew, self);
    };
  };
  crew.sleep(parent, 17ms);
  const auto read = [&] {
    crew.account().memory_pressure(cpusets.memory_pressure(cpuset, crew.machine().now()));
    crew.sleep(parent, 200ms);
  };
  Hog hog = Hog::of(parameters);
  hog.holds = true;
  const FileWriter writer{.file = "w0", .pages = parameters.number("wpages", 0)};
  parameters.number("nh"), parameters.number("nw");
  crew.fork(parent, "hog0", kHogMark, CpuId{0}, confined(hog));
  const Process& child = crew.fork(parent, "writer0", kFirstWriterMark, CpuId{0}, confined(writer));
  while (!child.ended) read();
  for (std::int64_t i = 0; i < kReadingsAfterwards; ++i) read();
  end_workload(crew, parent);
}

}  // namespace numasim::validation
