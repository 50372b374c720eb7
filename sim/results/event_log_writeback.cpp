// What EventLog makes of swap, of writeback, and of what the kernel prints.

#include <string>
#include <utility>

#include "allocator/check.hpp"
#include "sim/results/event_log.hpp"

namespace numasim::results {

// Swap. A row for each page would be many: reclaim's are told zone by zone.

void EventLog::hear(const Task& by, const event::SwapOut&) { ++record_of(by).swapped_out; }

void EventLog::tell_swapped_out(const Task& by, ZoneId zone) {
  TaskRecord& task = record_of(by);
  const std::int64_t pages = std::exchange(task.swapped_out, 0);
  if (pages == 0) return;
  EventRow row = point(by, EventKind::swap_out);
  row.node = zone.node;
  row.zone = zone.type;
  row.value = pages;
  sink_(row);
}

void EventLog::hear(const Task& by, const event::SwapInBegin&) {
  TaskRecord& task = record_of(by);
  MM_CHECK(!task.swap_in, "task", task.name);
  task.swap_in = begin(by, EventKind::swap_in);
  task.swap_in->value = 0;
}

void EventLog::hear(const Task& by, const event::SwapIn&) {
  if (auto& swap_in = record_of(by).swap_in) ++*swap_in->value;
}

void EventLog::hear(const Task& by, const event::SwapInEnd&) {
  TaskRecord& task = record_of(by);
  MM_CHECK(task.swap_in, "task", task.name);
  end(take(task.swap_in), now());
}

// Writeback.

void EventLog::hear(const Task& by, const event::DirtyThrottleBegin& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(!task.dirty_throttle, "task", task.name);
  task.dirty_throttle = begin(by, EventKind::dirty_throttle);
  task.dirty_throttle->detail = outline_.devices[device_index(e.device)].name;
}

void EventLog::hear(const Task& by, const event::DirtyThrottleEnd& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(task.dirty_throttle, "task", task.name);
  task.dirty_throttle->value = e.written.value;
  end(take(task.dirty_throttle), now());
}

void EventLog::hear(const Task& by, const event::PdflushBegin& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(!task.pdflush, "task", task.name);
  task.pdflush = begin(by, EventKind::pdflush);
  task.pdflush->node.reset();
  task.pdflush->detail = e.periodic ? "periodic" : "background";
}

void EventLog::hear(const Task& by, const event::PdflushEnd& e) {
  TaskRecord& task = record_of(by);
  MM_CHECK(task.pdflush, "task", task.name);
  task.pdflush->value = e.written.value;
  end(take(task.pdflush), now());
}

void EventLog::hear(const Task&, const event::WritebackBegin& e) {
  const std::size_t device = device_index(e.device);
  std::optional<Interval>& writeback = writeback_[device];
  MM_CHECK(!writeback, "device", outline_.devices[device].name);
  writeback.emplace();
  writeback->kind = EventKind::writeback;
  writeback->begin = now();
  writeback->sequence = next_sequence_++;
  writeback->detail = outline_.devices[device].name;
}

void EventLog::hear(const Task&, const event::WritebackEnd& e) {
  std::optional<Interval>& writeback = writeback_[device_index(e.device)];
  if (writeback) end(take(writeback), now());
}

// What the kernel prints.

void EventLog::print(const Task& by, const Event& event) {
  if (!printk_) return;
  for (const std::string& line : printk_(by, event)) {
    EventRow row = point(by, EventKind::printk);
    row.detail = line;
    sink_(row);
  }
}

}  // namespace numasim::results
