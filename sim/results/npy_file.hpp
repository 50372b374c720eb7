#pragma once
// A table of integers as numpy reads it: numpy.load("series.npy")["free_pages"].

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/output_file.hpp"

namespace numasim::results {

/// Writes a structured array (format version 1.0): a named column of 64-bit integers each, little
/// endian. Errors are told as by OutputFile.
class NpyFile {
 public:
  NpyFile(std::filesystem::path path, std::vector<std::string_view> columns);

  /// Requires: a value for each column.
  void row(std::span<const std::int64_t> values);
  void close();

 private:
  std::string header() const;

  std::filesystem::path path_;
  std::vector<std::string_view> columns_;
  std::uint64_t rows_ = 0;
  OutputFile file_;
};

}  // namespace numasim::results
