#include "workloads/generate/script.hpp"

#include "allocator/check.hpp"

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

void Script::write(const Record& record) { writer().write(record); }

void Script::publish() { writer().publish(); }

}  // namespace numasim::trace
