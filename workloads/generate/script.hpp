#pragma once
// What the generators write with: tasks first, then records.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "workloads/trace_writer.hpp"

namespace numasim::trace {

/// A generated trace being written. The header is written before the first record, with the tasks
/// named until then.
class Script {
 public:
  Script(std::filesystem::path file, std::string description)
      : file_(std::move(file)), header_{.description = std::move(description)} {}

  /// Declares the i-th task of a kind, "reader/3", on CPU i of `cpus`, beginning again with 0.
  /// Requires: no record is written yet.
  std::uint32_t task(const std::string& kind, std::uint64_t i, std::uint64_t cpus);
  std::uint32_t kernel_thread(const std::string& kind, std::uint64_t i, std::uint64_t cpus);

  /// One operation as soon as its task is free.
  void put(std::uint32_t task, Operation operation) {
    write({.task = task, .operation = std::move(operation)});
  }
  /// One operation not before `t_ns`. Requires: dates do not go back.
  void put_at(std::int64_t t_ns, std::uint32_t task, Operation operation) {
    write({.not_before = SimTime(SimDuration(t_ns)),
           .task = task,
           .operation = std::move(operation)});
  }
  void write(const Record& record);

  /// Gives the file its name. Throws FileError.
  void publish();

 private:
  std::uint32_t declare(TaskDeclaration task);
  TraceWriter& writer();

  std::filesystem::path file_;
  Header header_;
  std::optional<TraceWriter> writer_;
};

}  // namespace numasim::trace
