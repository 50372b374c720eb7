#pragma once
// Rows of tab-separated numbers and words, with places for messages.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "workloads/line_source.hpp"

namespace numasim {

/// A table whose first line may be a heading ("idx ...", "ms ..."), plain, gzip or zstd.
class TsvRows {
 public:
  explicit TsvRows(const std::filesystem::path& file) : lines_(file) {}

  /// Goes to the next row; false at the end of the table. Throws InputError.
  bool next();

  std::size_t columns() const { return begin_.size(); }
  std::string_view text(std::size_t column) const;
  /// A decimal or 0x hexadecimal number. Throws InputError.
  std::int64_t number(std::size_t column) const;
  std::uint64_t line() const { return line_.number; }

 private:
  LineSource lines_;
  Line line_;
  std::vector<std::size_t> begin_;  // of each column in the line
};

}  // namespace numasim
