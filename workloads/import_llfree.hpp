#pragma once
// Imports LLFree's binary trace.

#include <filesystem>
#include <optional>

#include "workloads/import_ftrace.hpp"
#include "workloads/import_report.hpp"

namespace numasim {

/// Writes scenario.json and trace.jsonl.gz into `to`, both or none. The machine is `machine`, or
/// one node with the cores and frames that the file names. Throws InputError.
ImportReport import_llfree(const std::filesystem::path& file, const std::filesystem::path& to,
                           std::optional<FtraceMachine> machine = std::nullopt);

}  // namespace numasim
