#pragma once

#include <filesystem>
#include <string_view>

namespace numasim::cli {

enum class FileKind { scenario, trace };

/// "the scenario", "the trace".
std::string_view to_string(FileKind kind);

/// Looks at the first bytes: compressed files and those whose first line is a trace's header are
/// traces, JSON Lines too; all else is a scenario. Throws FileError.
FileKind kind_of_file(const std::filesystem::path& file);

}  // namespace numasim::cli
