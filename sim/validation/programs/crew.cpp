#include "sim/validation/programs/crew.hpp"

#include <utility>

#include "sim/validation/recorded_costs.hpp"

namespace numasim::validation {
namespace {

// What a fork and the first steps of its child allocate, as the recorded streams show it: the
// stack and ten pages of tables and descriptors by the parent, three pages written to by the
// child, and two more when it tells how it went.
constexpr std::int64_t kForkPages = 10;
constexpr PageCount kImagePages{3};
constexpr PageCount kReportPages{2};

}  // namespace

Process& Crew::add(TaskId id, std::string name, std::int64_t mark, CpuId cpu) {
  Process& process = processes_.emplace_back();
  process.task.id = id;
  process.task.name = std::move(name);
  process.task.cpu = cpu;
  process.mark = mark;
  account_.name(process.task.id, mark);
  return process;
}

void Crew::start_parent(Body body) {
  Process& parent = add(TaskId{1}, "init", 0, CpuId{0});
  parent.task.is_init = true;
  kernel_.enter(parent.task);
  machine_.add_task(parent.task, [this, &parent, body = std::move(body)] { live(parent, body); });
}

Process& Crew::fork(Process& parent, std::string name, std::int64_t mark, CpuId cpu, Body body,
                    std::optional<MemPolicy> policy) {
  Process& child = add(TaskId{next_child_.value++}, std::move(name), mark, cpu);
  child.task.parent = &parent.task;
  child.task.superuser = child.task.raw_io = true;
  child.task.cpuset = parent.task.cpuset;
  child.task.mems_allowed = parent.task.mems_allowed;
  child.policy = std::move(policy);
  if (child.policy) child.task.policy = &*child.policy;
  take_kernel_pages(parent, child);
  kernel_.enter(child.task);
  machine_.add_task(
      child.task,
      [this, &child, body = std::move(body)] {
        kernel_.map(child.task, "image", kImagePages + kReportPages, "", false, std::nullopt);
        kernel_.touch(child.task, "image", 0, kImagePages, true);
        live(child, body);
      },
      Daemon::yes);
  return child;
}

void Crew::speak(Process& self) {
  kernel_.touch(self.task, "image", static_cast<PageIndex>(kImagePages.value), kReportPages, true);
}

void Crew::report(Process& self) {
  constexpr std::int64_t kSlabPages = 4;
  constexpr Gfp kSlabPage = GFP_KERNEL | __GFP_NOWARN;
  speak(self);
  for (std::int64_t i = 0; i < kSlabPages && !self.task.killed; ++i) {
    const AllocResult page = kernel_.alloc_pages(self.task, kSlabPage, Order{0}, std::nullopt);
    if (const Pfn* pfn = std::get_if<Pfn>(&page)) self.kernel_pages.push_back(*pfn);
  }
}

void Crew::live(Process& self, const Body& body) {
  if (!self.task.killed) body(self);
  kernel_.exit(self.task);
  free_kernel_pages(self);
  self.ended = true;
  machine_.wake_all(child_exit_);
}

void Crew::take_kernel_pages(Process& parent, Process& child) {
  constexpr Gfp kPageTables = GFP_KERNEL | __GFP_REPEAT | __GFP_ZERO;
  const AllocResult stack = kernel_.alloc_pages(parent.task, GFP_KERNEL, Order{1}, std::nullopt);
  if (const Pfn* pfn = std::get_if<Pfn>(&stack)) child.stack = *pfn;
  for (std::int64_t i = 0; i < kForkPages; ++i) {
    const AllocResult page = kernel_.alloc_pages(parent.task, kPageTables, Order{0}, std::nullopt);
    if (const Pfn* pfn = std::get_if<Pfn>(&page)) child.kernel_pages.push_back(*pfn);
  }
  parent.task.meter.add(kForkWork);
  machine_.spend(parent.task);
}

void Crew::free_kernel_pages(Process& child) {
  for (const Pfn pfn : std::exchange(child.kernel_pages, {}))
    kernel_.free_pages(child.task, pfn, Order{0}, false);
  if (const auto stack = std::exchange(child.stack, std::nullopt))
    kernel_.free_pages(child.task, *stack, Order{1}, false);
}

void Crew::sleep_until(Process& self, SimTime date) {
  if (timers_ == Timers::ticks) {
    const std::int64_t tick = 1'000'000'000 / kernel_.memory().config().hz;
    date = SimTime{SimDuration{(to_ns(date) + tick - 1) / tick * tick}};
  }
  machine_.sleep_until(self.task, date);
  use_text(self);
}

void Crew::run_text(Process& parent, const std::string& file, PageIndex first, PageCount count) {
  kernel_.map(parent.task, file, PageCount{first + count.value}, file, true, std::nullopt);
  text_.push_back({file, first, count});
  use_text(parent);
}

void Crew::use_text(Process& self) {
  for (const Pages& pages : text_)
    if (self.task.mm->find(pages.region))
      kernel_.touch(self.task, pages.region, pages.first, pages.count, false);
}

void Crew::wait(Process& parent, const Process& child) {
  while (!child.ended) machine_.wait(parent.task, child_exit_);
  for (const auto& [name, region] : parent.task.mm->regions)  // its own pages, now wherever
    if (name.starts_with("resident"))
      kernel_.touch(parent.task, name, 0, region.length, false);
}

}  // namespace numasim::validation
