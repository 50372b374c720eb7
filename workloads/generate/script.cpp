#include "workloads/generate/script.hpp"

#include "allocator/check.hpp"
#include "workloads/input_error.hpp"

namespace numasim::trace {
namespace {

TaskDeclaration nth(const std::string& kind, std::uint64_t i, std::uint64_t cpus) {
  return {.name = kind + '/' + std::to_string(i),
          .cpu = CpuId{static_cast<std::uint16_t>(i % cpus)}};
}

}  // namespace

std::uint32_t Script::task(const std::string& kind, std::uint64_t i, std::uint64_t cpus) {
  return declare(nth(kind, i, cpus));
}

std::uint32_t Script::kernel_thread(const std::string& kind, std::uint64_t i, std::uint64_t cpus) {
  TaskDeclaration task = nth(kind, i, cpus);
  task.kernel_thread = true;
  return declare(std::move(task));
}

std::uint32_t Script::declare(TaskDeclaration task) {
  MM_CHECK(!writer_, "a task after the first record", task.name);
  header_.tasks.push_back(std::move(task));
  return static_cast<std::uint32_t>(header_.tasks.size() - 1);
}

TraceWriter& Script::writer() {
  if (!writer_) writer_.emplace(file_, header_);
  return *writer_;
}

void Script::write(const Record& record) {
  constexpr SimTime kMost{SimDuration(std::int64_t{1} << 62)};
  if (record.not_before && *record.not_before > kMost) {
    throw InputError(Problem{.message = "this workload goes on for more than a hundred years",
                             .hint = "take a smaller gap or less of it"});
  }
  writer().write(record);
}

void Script::publish() { writer().publish(); }

}  // namespace numasim::trace
