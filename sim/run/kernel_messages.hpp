#pragma once
// What the kernel prints when it fails a request or kills, in the words users know.

#include <map>
#include <string>
#include <vector>

#include "allocator/kernel.hpp"
#include "allocator/observer.hpp"

namespace numasim {

/// show_mem() of 2.6.24 on x86-64. Left out: counts of pages by what struct page says (pages of
/// RAM, reserved, shared, swap cached), which the model does not keep.
std::string memory_report(Kernel& kernel);

/// What one step makes the kernel print: first a line, then a report, then further lines.
struct KernelMessage {
  std::vector<std::string> lines;  // none: nothing is printed
  std::string report;

  /// As it stands in the kernel's log, each line with its date: "[    1.600000] ".
  std::string text(SimTime date) const;
};

/// Makes the messages of __alloc_pages and the OOM killer.
/// Differs from Linux: no stack is shown, and the OOM killer's report has no rate limit.
class KernelMessages {
 public:
  explicit KernelMessages(Kernel& kernel) : kernel_(kernel) {}

  /// The message that goes with a step.
  KernelMessage at(const Task& by, const Event& event);

 private:
  KernelMessage of_kill(const Task& by, const event::OomKill& kill);
  std::string name_of(TaskId task) const;

  Kernel& kernel_;
  std::map<TaskId, event::OutOfMemory> asked_;  // whose request called the OOM killer
};

}  // namespace numasim
