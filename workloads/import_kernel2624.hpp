#pragma once
// Imports a recording of a booted Linux 2.6.24: where it stood, and all it did from there on.

#include <filesystem>

#include "workloads/import_report.hpp"

namespace numasim {

/// Reads a recording's folder (cmd.txt, console.txt.gz, dump0.tsv.gz, stream.tsv.gz and, when
/// there, events.tsv.gz) and writes scenario.json, state.json.gz and trace.jsonl.gz into `to`,
/// which is made if need be. All three appear together or, on an error, none. Throws InputError.
///
/// The trace has a task for each CPU, every allocation and free at its recorded date, and the
/// refreshes of the per-CPU counters, which are inferred from the counters that were recorded.
ImportReport import_kernel2624(const std::filesystem::path& recording,
                               const std::filesystem::path& to);

}  // namespace numasim
