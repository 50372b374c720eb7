#include <algorithm>

#include "sim/validation/programs/programs.hpp"

namespace numasim::validation {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kPassesMarked = 2;

/// Sleeps until as many pages are due as have been done, after each chunk of them.
class Pace {
 public:
  Pace(Crew& crew, Process& self, std::int64_t rate, std::int64_t chunk)
      : crew_(crew), self_(self), rate_(rate), chunk_(chunk), start_(crew.machine().now()) {}

  void done(std::int64_t pages) {
    if (rate_ <= 0 || pages % chunk_ != 0) return;
    constexpr std::int64_t kSecond = 1'000'000'000;
    crew_.machine().sleep_until(self_.task, start_ + SimDuration{pages * kSecond / rate_});
  }

 private:
  Crew& crew_;
  Process& self_;
  std::int64_t rate_;
  std::int64_t chunk_;
  SimTime start_;
};

}  // namespace

CpuId cpu_of_task(Crew& crew, const Parameters& parameters, std::int64_t task) {
  const std::int64_t all = crew.machine().cpus();
  const std::int64_t used = std::clamp<std::int64_t>(parameters.number("ncpu", 2), 1, all);
  return CpuId{static_cast<std::uint16_t>(task % used)};
}

Hog Hog::of(const Parameters& parameters) {
  return {.pages = parameters.number("hpages", 0),
          .rate = parameters.number("hrate", 0),
          .chunk = parameters.number("hchunk", 16),
          .passes = parameters.number("passes", 1)};
}

void Hog::run(Crew& crew, Process& self) const {
  Kernel& kernel = crew.kernel();
  crew.account().mark(self.mark);
  kernel.map(self.task, "hog", PageCount{pages}, "", false, std::nullopt);
  Pace pace(crew, self, rate, chunk);
  std::int64_t done = 0;
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    for (std::int64_t page = 0; page < pages; ++page) {
      if (kernel.touch(self.task, "hog", static_cast<PageIndex>(page), PageCount{1}, true) !=
          Done::all)
        return;
      pace.done(++done);
      if (self.task.killed) return;
    }
    crew.account().mark(self.mark + (pass == 0 ? 1 : pass + kPassesMarked));
  }
  while (holds && !self.task.killed) crew.sleep(self, 3600s);
}

void FileWriter::run(Crew& crew, Process& self) const {
  crew.account().mark(self.mark);
  Pace pace(crew, self, rate, chunk);
  for (std::int64_t page = 0; page < pages && !self.task.killed; ++page) {
    if (crew.kernel().write(self.task, file, static_cast<PageIndex>(page), PageCount{1}) ==
        Done::killed)
      return;
    pace.done(page + 1);
  }
  crew.account().mark(self.mark + 1);
}

void sync_until_clean(Crew& crew, Process& self) {
  const Memory& memory = crew.kernel().memory();
  const auto dirty = [&] {
    return memory.global(ZoneStat::file_dirty) + memory.global(ZoneStat::writeback);
  };
  while (dirty() > 0) {
    crew.kernel().writeback().wakeup_pdflush(self.task, PageCount{dirty()});
    crew.sleep(self, 10ms);
  }
}

void end_workload(Crew& crew, Process& parent) {
  crew.account().mark(3);
  crew.sleep(parent, 1s);
  crew.account().mark(4);
}

}  // namespace numasim::validation
