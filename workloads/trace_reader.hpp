#pragma once
// Reads a trace file: the header at once, the records one at a time.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"
#include "workloads/record_parser.hpp"
#include "workloads/trace.hpp"

namespace numasim::trace {

/// A trace being read: plain, gzip or zstd by content, or standard input for "-". Holds one line
/// and the declared tasks in memory, whatever the length of the trace.
class TraceReader {
 public:
  /// Opens the file and reads its header. Throws InputError.
  explicit TraceReader(const std::filesystem::path& file);

  const Header& header() const { return header_; }

  /// The tasks declared so far: Record::task is an index into this. Grows as records are read.
  const std::vector<TaskDeclaration>& tasks() const { return tasks_.all(); }

  /// The next operation; nothing at the end. Throws InputError with one problem; the call after
  /// that goes on with the next line, so that a caller may collect all problems.
  std::optional<Record> next();

  /// A problem of the latest record that names a member ("/id") gets its file, line and column.
  Problem located(Problem problem) const;
  /// The same for a problem of a declared task, with or without a pointer into its declaration.
  Problem located_in_task(std::size_t task, Problem problem) const;

 private:
  LineSource lines_;
  TaskTable tasks_;
  RecordParser parser_;
  Header header_;
  std::uint64_t line_ = 0;
  std::uint64_t column_ = 0;
  SimTime latest_date_{};
};

}  // namespace numasim::trace
