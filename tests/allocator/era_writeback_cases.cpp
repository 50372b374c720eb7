#include "tests/allocator/era_writeback_cases.hpp"

#include <deque>

#include "allocator/kernel.hpp"
#include "tests/support/world.hpp"

namespace numasim {
namespace {

KernelConfig of_era(Era era) {
  KernelConfig config = World::exact();
  config.era = era;
  return config;
}

}  // namespace

std::string writer_of_790_pages(Era era) {
  FakeMachine machine;
  Kernel kernel{small_layout(1, 32), of_era(era), {}, machine, 1};
  Task task;
  task.id = TaskId{1};
  kernel.enter(task);
  std::int64_t written = 0;
  std::deque<Bio> sent;
  machine.on_submit([&](Task&, const Bio& bio) {
    written += bio.direction == IoDirection::write ? 1 : 0;
    sent.push_back(bio);
  });
  machine.on_wait([&](Task&, WaitQueue&, auto) {
    for (; !sent.empty(); sent.pop_front()) kernel.io_completed(sent.front());
  });
  kernel.write(task, "file", 0, {790});
  return written > 0 ? "writes" : "goes on";
}

std::string dirty_ratio_where_six_tenths_are_mapped(Era era) {
  KernelConfig config = of_era(era);
  config.dirty_ratio_percent = 40;
  World w{small_layout(1, 32), config};
  DirtyAccounting accounting{w.memory};
  Zone& zone = *w.memory.zones().back();
  zone.count(OnCpu{w.task}, ZoneStat::anon_pages, accounting.dirtyable() * 6 / 10);
  const std::int64_t limit = accounting.limits(w.task).dirty.value;
  return std::to_string((limit * 100 + accounting.dirtyable() - 1) / accounting.dirtyable());
}

}  // namespace numasim
