#pragma once
// Where two finished runs part, and in which results they differ.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace numasim::explain {

/// Compares the files of two run directories; provenance.json is not looked at. Returns
///   {"same": bool,
///    "settings": [{"path", "a", "b"}]: what differs in config.resolved.json (null: not said),
///    "parting": null, or {"time_ns", "table", "row", "a", "b"}: the earliest row in which a table
///      of theirs differs; "a" or "b" is null where that table has ended,
///    "tables": [{"table", "time_ns", "row", "a", "b"}]: the first such row of each table,
///    "results": [{"name", "a", "b"}]: numbers of summary.json, by their names in stats.txt}
/// `row` counts from 1 below the header. Throws InputError for what is no run, FileError.
nlohmann::ordered_json difference(const std::filesystem::path& a, const std::filesystem::path& b);

/// The same for people.
std::string difference_text(const nlohmann::ordered_json& difference);

}  // namespace numasim::explain
