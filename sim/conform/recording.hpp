#pragma once
// A recording of kernel decisions: JSON Lines, gzip'd or plain, read one line at a time.

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sim/file_error.hpp"

namespace numasim::conform {

/// Keys keep the order of the file, so that the first difference found is the first one recorded.
using Json = nlohmann::ordered_json;

class Recording {
 public:
  /// Opens `path`. Throws FileError.
  explicit Recording(const std::string& path);
  ~Recording();

  /// Goes to the next line that is not blank; false at the end. Throws InputError where the
  /// compressed data is damaged.
  bool next();
  const std::string& text() const { return text_; }
  /// The current line as JSON. Throws InputError where it is none.
  Json parse() const;

  const std::string& path() const { return path_; }
  /// "file:line" of the current line.
  std::string where() const { return path_ + ':' + std::to_string(line_); }
  /// Stops because of the current line: throws InputError.
  [[noreturn]] void malformed(const std::string& expected, const std::string& found = {}) const;

 private:
  std::string path_;
  std::uint64_t line_ = 0;
  std::string text_;
  std::unique_ptr<std::istream> in_;
};

}  // namespace numasim::conform
