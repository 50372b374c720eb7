#include "sim/run/trace_task.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "allocator/check.hpp"

namespace numasim {
namespace {

/// The circumstances of one record, for as long as it is carried out.
class Circumstances {
 public:
  Circumstances(Task& task, const trace::Record& record)
      : task_(task), in_interrupt_(task.in_interrupt), memalloc_(task.memalloc) {
    task.in_interrupt |= record.in_interrupt;
    task.memalloc |= record.memalloc;
  }
  ~Circumstances() {
    task_.in_interrupt = in_interrupt_;
    task_.memalloc = memalloc_;
  }
  Circumstances(const Circumstances&) = delete;
  Circumstances& operator=(const Circumstances&) = delete;

 private:
  Task& task_;
  bool in_interrupt_;
  bool memalloc_;
};

/// The fewest cycles that last so long. Requires: a tick at most.
Cycles work_for(SimDuration duration, std::int64_t cpu_hz) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {(duration.count() * cpu_hz + kSecond - 1) / kSecond};
}

PageIndex to_page_index(PageCount pages) { return static_cast<PageIndex>(pages.value); }

}  // namespace

std::string_view to_string(TaskEnding ending) {
  switch (ending) {
    case TaskEnding::exited:
      return "exited";
    case TaskEnding::killed:
      return "killed";
    case TaskEnding::fault_failed:
      return "fault_failed";
    case TaskEnding::still_there:
      break;
  }
  return "still_there";
}

std::optional<MemPolicy> to_mem_policy(const MemPolicies& policies, const trace::Policy& policy,
                                       const Task* task) {
  if (policy.mode == trace::PolicyMode::standard) return std::nullopt;
  return policies.make(to_mode(policy.mode), policy.nodes, task);
}

void TraceTask::run() {
  while (!task_.killed) {
    TraceFeed::Next next = world_.feed.next(index_, world_.machine.now());
    if (std::holds_alternative<TraceFeed::NoMore>(next)) break;
    if (const auto* later = std::get_if<TraceFeed::NotBefore>(&next)) {
      world_.machine.sleep_until(task_, later->date);
      continue;
    }
    Step step = std::get<Step>(std::move(next));
    const After after = carry_out(step);
    if (step.allocation) {
      step.allocation->abandoned = true;  // nothing more will be asked for
      world_.machine.wake_all(world_.block_wait);
    }
    ++records_done_;
    if (!world_.progress.empty()) world_.machine.wake_all(world_.progress);
    if (after == After::leave) break;
  }
  leave();
}

/// Whatever ends the task, it goes the kernel's way out.
void TraceTask::leave() {
  if (task_.killed) {
    tally_.ending = TaskEnding::killed;
  } else if (tally_.ending == TaskEnding::still_there) {
    tally_.ending = TaskEnding::exited;
  }
  world_.feed.abandon(index_);
  world_.machine.wake_all(world_.block_wait);
  world_.kernel.exit(task_);
  has_ended_ = true;
  world_.machine.wake_all(world_.progress);
}

/// Tasks that share an address space have regions of their own in it.
std::string TraceTask::own_region(const std::string& name) const {
  return shares_memory_ ? task_.name + '/' + name : name;
}

TraceTask::After TraceTask::carry_out(Step& step) {
  if (step.record.not_before && *step.record.not_before > world_.machine.now()) {
    world_.machine.sleep_until(task_, *step.record.not_before);
    if (task_.killed) return After::leave;
  }
  ++tally_.records;
  const Circumstances circumstances(task_, step.record);
  const After after = std::visit([&](const auto& operation) { return carry_out(operation, step); },
                                 step.record.operation);
  return task_.killed ? After::leave : after;
}

TraceTask::After TraceTask::carry_out(const trace::Alloc& alloc, Step& step) {
  for (std::uint64_t i = 0; i < alloc.count && !task_.killed; ++i) {
    const AllocResult result = ask_for_block(alloc);
    Allocation::Answer answer;
    if (const auto* pfn = std::get_if<Pfn>(&result)) answer.pfn = *pfn;
    if (!answer.pfn) ++tally_.allocations_failed;
    step.allocation->answers.push_back(answer);
    if (!world_.block_wait.empty()) world_.machine.wake_all(world_.block_wait);
  }
  return After::go_on;
}

AllocResult TraceTask::ask_for_block(const trace::Alloc& alloc) {
  alloc_call_ = ++alloc_calls_;
  BlockRequest request{alloc.gfp, alloc.order};
  if (world_.ask_otherwise) world_.ask_otherwise(task_, *alloc_call_, request);
  const AllocResult result =
      world_.kernel.alloc_pages(task_, request.gfp, request.order, alloc.node);
  alloc_call_.reset();
  return result;
}

TraceTask::After TraceTask::carry_out(const trace::Free& free, Step& step) {
  if (free.pfn) {  // in use since before the run: it becomes a block only now
    world_.kernel.memory().frames()[*free.pfn].become(FrameState::in_use, free.order,
                                                      MigrateType::unmovable);
    world_.kernel.free_pages(task_, *free.pfn, free.order, free.cold);
    return After::go_on;
  }
  for (const BlockSlice& slice : step.released) free_slice(slice, free.cold);
  return After::go_on;
}

void TraceTask::free_slice(const BlockSlice& slice, bool cold) {
  for (std::uint64_t i = slice.first; i < slice.first + slice.count; ++i) {
    while (!slice.allocation->answer(i)) world_.machine.wait(task_, world_.block_wait);
    const Allocation::Answer answer = *slice.allocation->answer(i);
    if (answer.pfn) {
      world_.kernel.free_pages(task_, *answer.pfn, order_of(*slice.allocation, *answer.pfn), cold);
    }
  }
}

/// What the trace says, unless it was asked for otherwise.
Order TraceTask::order_of(const Allocation& allocation, Pfn pfn) const {
  if (!world_.ask_otherwise) return allocation.order;
  return world_.kernel.memory().frames()[pfn].order();
}

void TraceTask::expect_file(const std::string& file, const std::string& device) {
  if (!device.empty()) world_.kernel.expect_on(world_.devices.at(device), file);
}

TraceTask::After TraceTask::carry_out(const trace::Map& map, Step&) {
  expect_file(map.file, map.device);
  std::optional<MemPolicy> policy;
  if (map.policy) policy = to_mem_policy(world_.kernel.policies(), *map.policy, &task_);
  world_.kernel.map(task_, own_region(map.region), map.length, map.file, map.shared,
                    std::move(policy));
  return After::go_on;
}

/// A fault without memory kills the task, but init, which tries again (VM_FAULT_OOM in
/// do_page_fault of 2.6.24). Differs from Linux: init sleeps a tick in between instead of yielding.
TraceTask::After TraceTask::carry_out(const trace::Touch& touch, Step&) {
  Done done = Done::all;
  do {
    done = world_.kernel.touch(task_, own_region(touch.region), to_page_index(touch.first),
                               touch.count, touch.write);
    if (done == Done::out_of_memory && task_.is_init) world_.machine.sleep(task_, Jiffies{1});
  } while (done == Done::out_of_memory && task_.is_init);
  if (done != Done::out_of_memory) return after(done);
  tally_.ending = TaskEnding::fault_failed;
  return After::leave;
}

TraceTask::After TraceTask::carry_out(const trace::Unmap& unmap, Step&) {
  world_.kernel.unmap(task_, own_region(unmap.region));
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::Read& read, Step&) {
  expect_file(read.file, read.device);
  return after(world_.kernel.read(task_, read.file, to_page_index(read.first), read.count));
}

TraceTask::After TraceTask::carry_out(const trace::Write& write, Step&) {
  expect_file(write.file, write.device);
  return after(world_.kernel.write(task_, write.file, to_page_index(write.first), write.count));
}

TraceTask::After TraceTask::carry_out(const trace::LookUp& names, Step&) {
  return after(world_.kernel.look_up(task_, names.directory, names.first, names.count));
}

/// A file access that finds no memory returns ENOMEM, and the task goes on.
TraceTask::After TraceTask::after(Done done) {
  if (done == Done::out_of_memory) ++tally_.accesses_failed;
  return done == Done::killed ? After::leave : After::go_on;
}

/// In pieces of a tick: a killed task notices at the next one.
TraceTask::After TraceTask::carry_out(const trace::Compute& compute, Step&) {
  for (SimDuration left = compute.duration; left > SimDuration{0} && !task_.killed;) {
    const SimDuration piece = std::min(left, world_.tick);
    task_.meter.add(work_for(piece, world_.cpu_hz));
    world_.machine.spend_in_user_mode(task_);
    left -= piece;
  }
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::Sleep& sleep, Step&) {
  const SimTime now = world_.machine.now();
  const SimDuration longest = SimTime::max() - now;
  world_.machine.sleep_until(task_, now + std::min(sleep.duration, longest));
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::Drain& drain, Step&) {
  world_.kernel.drain(task_, drain.all_cpus);
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::RefreshVmStats&, Step&) {
  world_.kernel.memory().fold_counters(OnCpu{task_});
  return After::go_on;
}

TraceTask::After TraceTask::carry_out(const trace::TrimPageset& trim, Step&) {
  world_.kernel.memory().node(trim.node).zone(trim.zone).trim_pageset(OnCpu{task_});
  world_.machine.spend(task_);
  return After::go_on;
}

}  // namespace numasim
