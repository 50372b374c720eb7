#pragma once
// Writes a trace file; trace_reader reads back what was written.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/output_file.hpp"
#include "workloads/trace.hpp"

namespace numasim::trace {

/// Only what differs from the defaults is written, in a fixed order of keys: the same records give
/// the same bytes.
std::string to_json(const Header& header);
std::string to_json(const TaskDeclaration& task);  // as a record of its own
/// Requires: record.task is an index into `tasks`.
std::string to_json(const Record& record, const std::vector<TaskDeclaration>& tasks);

/// A trace being written: plain, or compressed when its name ends in .gz or .zst. The file
/// appears when publish() is called.
class TraceWriter {
 public:
  /// Throws InputError when the file cannot be written.
  TraceWriter(const std::filesystem::path& file, const Header& header);

  /// Declares one more task; its index in later records is the number of tasks before it.
  void declare(TaskDeclaration task);
  void write(const Record& record);
  /// Ends the file; it still has its temporary name.
  void close() { file_.close(); }
  void publish() { file_.publish(); }

  std::uint64_t records() const { return records_; }

 private:
  OutputFile file_;
  std::vector<TaskDeclaration> tasks_;
  std::uint64_t records_ = 0;
  std::string line_;
};

}  // namespace numasim::trace
