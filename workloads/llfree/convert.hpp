#pragma once
// Between LLFree's binary trace and ours, where one can say what the other says.

#include <filesystem>

#include "workloads/import_report.hpp"
#include "workloads/llfree/reader.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim::llfree {

/// Every record as an alloc or a free, dated since the first; a task for each process and CPU.
/// The report says what was left out. Returns the date of the last record.
SimTime to_trace(Reader& reader, trace::TraceWriter& trace, ImportReport& report);

/// A trace with nothing but dated allocs and frees by id, and exits, which are left out. Our
/// traces have no frames: each block gets the lowest free ones from 1 on. Reads `from` twice.
/// Throws InputError with the place of the first record that cannot be said.
ImportReport from_trace(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace numasim::llfree
