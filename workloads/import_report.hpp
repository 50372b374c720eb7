#pragma once
// What an importer read, wrote, inferred and could not know.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace numasim {

struct ImportReport {
  std::map<std::string, std::uint64_t> rows_read;        // by type, as the recording names them
  std::map<std::string, std::uint64_t> records_written;  // by operation
  std::map<std::string, std::uint64_t> findings;  // what was inferred, left out or not matched
  std::vector<std::string> remarks;               // sentences for the user
  std::vector<std::filesystem::path> files;       // written, scenario first
};

/// A few lines of text for a terminal.
std::string to_string(const ImportReport& report);

}  // namespace numasim
