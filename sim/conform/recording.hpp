#pragma once
// A recording of kernel decisions: JSON Lines, compressed or plain, read one line at a time.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "workloads/line_source.hpp"

namespace numasim::conform {

/// Keys keep the order of the file, so that the first difference found is the first one recorded.
using Json = nlohmann::ordered_json;

class Recording {
 public:
  /// Opens `path`. Throws FileError.
  explicit Recording(const std::string& path) : lines_(path) {}

  /// Goes to the next line that is not blank; false at the end. Throws InputError where the
  /// compressed data is damaged.
  bool next();
  const std::string& text() const { return text_; }
  /// The current line as JSON. Throws InputError where it is none.
  Json parse() const;

  std::uint64_t line() const { return line_; }
  const std::string& path() const { return lines_.name(); }
  /// "file:line" of the current line.
  std::string where() const { return path() + ':' + std::to_string(line_); }
  /// Stops because of the current line: throws InputError.
  [[noreturn]] void malformed(const std::string& expected, const std::string& found = {}) const;

 private:
  LineSource lines_;
  std::uint64_t line_ = 0;
  std::string text_;
};

}  // namespace numasim::conform
