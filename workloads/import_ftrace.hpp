#pragma once
// Imports a capture of the kernel's own tracer: kmem events as text.

#include <filesystem>
#include <optional>

#include "allocator/units.hpp"
#include "workloads/import_report.hpp"

namespace numasim {

/// The machine of a capture, when nothing beside the capture tells it.
struct FtraceMachine {
  unsigned nodes = 1;
  Bytes memory_each{};
  unsigned cpus_each = 1;
};

/// Reads the text of /sys/kernel/tracing/trace, `trace-cmd report` or `perf script` (plain, gzip
/// or zstd) with the events mm_page_alloc and mm_page_free, and writes scenario.json and
/// trace.jsonl.gz into `to`, which is made if need be. Both appear together or not at all. Throws
/// InputError.
///
/// The machine is `machine`, or that of the file X.before.txt beside the capture X.trace.gz, or
/// of boot.txt there. The trace has a task for each process and CPU it ran on. mm_page_free_batched
/// is a second event of the same free and is left out; so are frees of blocks the capture did not
/// see allocated.
ImportReport import_ftrace(const std::filesystem::path& capture, const std::filesystem::path& to,
                           std::optional<FtraceMachine> machine = std::nullopt);

}  // namespace numasim
