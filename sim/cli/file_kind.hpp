#pragma once

#include <filesystem>
#include <string_view>

namespace numasim::cli {

enum class FileKind { scenario, trace, state, sweep };

/// "scenario", "trace", "state file", "sweep".
std::string_view to_string(FileKind kind);

/// Tells by the first key, also of a compressed file; a text that begins otherwise is a trace if
/// its name says JSON Lines, else a scenario. Throws FileError.
FileKind kind_of_file(const std::filesystem::path& file);

}  // namespace numasim::cli
