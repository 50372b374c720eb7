#pragma once
// A kernel on a fake machine with disks, for tests of page cache, writeback, reclaim and swap.

#include <algorithm>
#include <deque>
#include <iterator>
#include <string>
#include <vector>

#include "allocator/kernel.hpp"
#include "tests/support/world.hpp"

namespace numasim {

/// One node of 32 MiB, a task that has entered, and disks that complete what was submitted when
/// somebody waits, or at once.
struct KernelHost {
  explicit KernelHost(const MachineLayout& layout = small_layout(1, 32),
                      const KernelConfig& config = World::exact())
      : kernel(layout, config, {}, machine, 1) {
    task.id = TaskId{1};
    task.name = "task";
    kernel.enter(task);
    machine.on_submit([this](Task&, const Bio& bio) {
      bios.push_back(bio);
      in_flight.push_back(bio);
      if (disk_is_instant) complete_io();
    });
    machine.on_wait([this](Task&, WaitQueue&, auto) { complete_io(); });
  }
  void complete_io() {
    while (!in_flight.empty()) {
      const Bio bio = in_flight.front();
      in_flight.pop_front();
      kernel.io_completed(bio);
    }
  }

  Mapping& file(const std::string& name) { return kernel.mappings().file(name); }
  /// The page of a file, which must be cached.
  Frame& frame(const std::string& name, PageIndex page) {
    return kernel.memory().frames()[*file(name).find(page)];
  }
  std::int64_t count(ZoneStat item) { return kernel.memory().global(item); }
  const VmEvents& events() { return kernel.memory().events(); }
  /// What went to the disks in this direction so far.
  std::vector<Bio> sent(IoDirection direction) const {
    std::vector<Bio> found;
    std::ranges::copy_if(bios, std::back_inserter(found),
                         [&](const Bio& bio) { return bio.direction == direction; });
    return found;
  }

  FakeMachine machine;
  Kernel kernel;
  Task task;
  std::vector<Bio> bios;  // all that were submitted, in order
  std::deque<Bio> in_flight;
  bool disk_is_instant = false;
};

}  // namespace numasim
