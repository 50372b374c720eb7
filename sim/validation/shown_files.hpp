#pragma once
// Files that the recorded machine showed on its console, each at a named point of the workload.

#include <filesystem>
#include <string>
#include <vector>

namespace numasim::validation {

struct ShownFile {
  std::string point;  // "begin", "hold", ...: of the state it is part of
  std::string path;
  std::vector<std::string> lines{};
};

/// All of them, in order. Throws InputError.
std::vector<ShownFile> read_shown_files(const std::filesystem::path& console);

/// "0-1,3", a list of nodes or CPUs, in numbers.
std::vector<int> parse_list(const std::string& list);

}  // namespace numasim::validation
