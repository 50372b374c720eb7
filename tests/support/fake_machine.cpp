#include "tests/support/fake_machine.hpp"

#include <algorithm>
#include <string_view>

#include "allocator/check.hpp"

namespace numasim {
namespace {

std::string_view name_of(Traffic why) {
  switch (why) {
    case Traffic::zero:
      return "zero";
    case Traffic::copy:
      return "copy";
    case Traffic::touch:
      return "touch";
    case Traffic::scan:
      return "scan";
  }
  return "?";
}

void wake_first(WaitQueue& queue) {
  queue.waiters().front().woken = true;
  queue.waiters().pop_front();
}

}  // namespace

Bytes FakeMachine::touched(NodeId node, Traffic why) const {
  const auto found = touched_.find({node, why});
  return found == touched_.end() ? Bytes{} : found->second;
}

void FakeMachine::wake_one(WaitQueue& queue) {
  steps_.push_back("wake one " + std::string(queue.name()));
  if (!queue.empty()) wake_first(queue);
}

void FakeMachine::wake_all(WaitQueue& queue) {
  steps_.push_back("wake all " + std::string(queue.name()));
  while (!queue.empty()) wake_first(queue);
}

void FakeMachine::unplug(DeviceId device) {
  steps_.push_back("unplug " + std::to_string(device.value));
}

void FakeMachine::kill(TaskId victim) {
  steps_.push_back("kill " + std::to_string(victim.value));
  if (kill_) kill_(victim);
}

Past FakeMachine::past_of(const Task& task) const {
  const auto found = pasts_.find(task.id);
  return found == pasts_.end() ? Past{} : found->second;
}

void FakeMachine::panic(Task& task, std::string_view why) {
  spend(task);
  steps_.push_back("panic " + std::string(why));
}

void FakeMachine::spend(Task& task) {
  const Cycles work = task.meter.take();
  spent_.value += work.value;
  if (spend_) spend_(task, work);
}

void FakeMachine::sleep(Task& task, Jiffies ticks) {
  spend(task);
  steps_.push_back("sleep " + std::to_string(ticks.value));
  if (sleep_) sleep_(task);
  now_ = std::max(now_, ticks_.after(now_, ticks));
}

void FakeMachine::sleep_until(Task& task, SimTime date) {
  spend(task);
  steps_.push_back("sleep until " + std::to_string(to_ns(date)));
  if (sleep_) sleep_(task);
  now_ = std::max(now_, date);
}

Machine::Wakeup FakeMachine::wait(Task& task, WaitQueue& queue, Jiffies timeout) {
  spend(task);
  steps_.push_back("wait " + std::string(queue.name()) + ' ' + std::to_string(timeout.value));
  const SimTime end = ticks_.after(now_, timeout);
  const Wakeup result = stand_in(task, queue, timeout);
  if (result == Wakeup::timed_out) now_ = std::max(now_, end);
  return result;
}

void FakeMachine::wait(Task& task, WaitQueue& queue) {
  spend(task);
  steps_.push_back("wait " + std::string(queue.name()));
  const Wakeup result = stand_in(task, queue, std::nullopt);
  MM_CHECK(result == Wakeup::woken, "nothing wakes queue", queue.name(), "task", task.name);
}

Machine::Wakeup FakeMachine::stand_in(Task& task, WaitQueue& queue, Timeout timeout) {
  WaitQueue::Waiter waiter{task};
  queue.waiters().push_back(waiter);
  if (wait_) wait_(task, queue, timeout);
  if (waiter.woken) return Wakeup::woken;
  queue.waiters().erase(queue.waiters().iterator_to(waiter));
  return Wakeup::timed_out;
}

void FakeMachine::touch(Task& task, NodeId node, Bytes length, Traffic why) {
  spend(task);
  steps_.push_back(std::string(name_of(why)) + " node " + std::to_string(node.value) + ' ' +
                   std::to_string(length.value));
  touched_[{node, why}].value += length.value;
  if (touch_) touch_(task, node, length, why);
}

void FakeMachine::submit(Task& task, const Bio& bio) {
  spend(task);
  steps_.push_back("submit " + std::string(to_string(bio.direction)) + ' ' +
                   std::to_string(bio.first_sector) + ' ' + std::to_string(bio.length.value));
  if (submit_) submit_(task, bio);
}

}  // namespace numasim
