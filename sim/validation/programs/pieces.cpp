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
    crew_.sleep_until(self_, start_ + SimDuration{pages * kSecond / rate_});
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
  kernel.map(self.task, region, PageCount{pages}, "", false, policy);
  Pace pace(crew, self, rate, chunk);
  std::int64_t done = 0;
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    for (std::int64_t page = 0; page < pages; ++page) {
      if (kernel.touch(self.task, region, static_cast<PageIndex>(page), PageCount{1}, true) !=
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
  crew.kernel().create_on(device, file);
  Pace pace(crew, self, rate, chunk);
  for (std::int64_t page = 0; page < pages && !self.task.killed; ++page) {
    if (crew.kernel().write(self.task, file, static_cast<PageIndex>(page), PageCount{1}) ==
        Done::killed)
      return;
    pace.done(page + 1);
  }
  crew.account().mark(self.mark + 1);
}

void MappedWriter::run(Crew& crew, Process& self) const {
  Kernel& kernel = crew.kernel();
  crew.account().mark(self.mark);
  kernel.create_on(DeviceId{0}, file);
  kernel.map(self.task, "file", PageCount{pages}, file, true, std::nullopt);
  for (std::int64_t page = 0; page < pages; ++page)
    if (kernel.touch(self.task, "file", static_cast<PageIndex>(page), PageCount{1}, true) !=
        Done::all)
      return;
  crew.account().mark(self.mark + 1);
}

bool Hook::alloc(Process& self, std::int64_t id, const Request& request, Compared compared) {
  self.task.meter.add(work_.alloc);
  const bool memalloc_before = self.task.memalloc;
  if (request.memalloc) self.task.memalloc = true;
  crew_.account().begin_request(self.task, request.gfp, request.order);
  const AllocResult result =
      crew_.kernel().alloc_pages(self.task, request.gfp, request.order, request.node);
  const Pfn* pfn = std::get_if<Pfn>(&result);
  using Answer = AccountKeeper::Answer;
  crew_.account().end_request(self.task, pfn ? Answer::served : Answer::failed, compared);
  self.task.memalloc = memalloc_before;
  if (pfn) held_.insert_or_assign(id, Block{*pfn, request.order});
  return pfn != nullptr;
}

void Hook::free(Process& self, std::int64_t id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return;
  const Block block = found->second;
  held_.erase(found);
  self.task.meter.add(work_.free);
  crew_.kernel().free_pages(self.task, block.pfn, block.order, false);
}

std::vector<std::int64_t> Hook::ids() const {
  std::vector<std::int64_t> ids;
  for (const auto& [id, block] : held_) ids.push_back(id);
  return ids;
}

std::optional<MemPolicy> policy_of(Kernel& kernel, std::int64_t mode, std::int64_t mask) {
  if (mode == 0) return std::nullopt;
  std::vector<NodeId> nodes;
  for (std::uint16_t node = 0; node < kMaxNodes; ++node)
    if (mask >> node & 1) nodes.push_back(NodeId{node});
  return kernel.policies().make(static_cast<MemPolicy::Mode>(mode), std::move(nodes));
}

void sync_until_clean(Crew& crew, Process& self) {
  const Memory& memory = crew.kernel().memory();
  const auto dirty = [&] {
    return memory.global(ZoneStat::file_dirty) + memory.global(ZoneStat::writeback);
  };
  // The counters that are read lag behind what the CPUs still hold back.
  while (dirty() > 0) {
    crew.kernel().sync(self.task);
    crew.sleep(self, 10ms);
  }
}

void show_file(Crew& crew, Process& self) {
  constexpr Cycles kWork{680'000};
  const AllocResult page =
      crew.kernel().alloc_pages(self.task, GFP_TEMPORARY, Order{0}, std::nullopt);
  self.task.meter.add(kWork);
  if (const Pfn* pfn = std::get_if<Pfn>(&page))
    crew.kernel().free_pages(self.task, *pfn, Order{0}, false);
}

void show_state(Crew& crew, Process& parent) {
  constexpr std::int64_t kFiles = 19;
  for (std::int64_t file = 0; file < kFiles; ++file) show_file(crew, parent);
}

void end_workload(Crew& crew, Process& parent) {
  crew.account().mark(3);
  crew.sleep(parent, 1s);
  crew.account().mark(4);
  show_state(crew, parent);
}

}  // namespace numasim::validation
