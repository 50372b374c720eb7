#pragma once
// Lines of a file, one at a time: plain, gzip or zstd (told apart by content), or standard input.

#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace numasim {

/// One line without its end.
struct Line {
  std::string_view text;  // valid until the next line is read
  std::uint64_t number = 0;
  bool ended = true;  // false: the file stops here, without a newline
};

/// Reads lines of any length up to kLongestLine; memory does not grow with the file.
class LineSource {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{16} << 20;

  /// Opens a file, or standard input for "-". Throws FileError when it cannot be read.
  explicit LineSource(const std::filesystem::path& file);
  ~LineSource();
  LineSource(LineSource&&) noexcept;
  LineSource& operator=(LineSource&&) noexcept;

  /// The next line, without "\n" or "\r\n" and, on the first, without a byte order mark.
  /// Throws InputError when compressed data is damaged or a line is too long.
  std::optional<Line> next();

  /// The name for messages; "<stdin>" for standard input.
  const std::string& name() const { return name_; }

 private:
  struct Input;
  bool fill();
  [[noreturn]] void fail_damaged() const;

  std::string name_;
  std::unique_ptr<Input> input_;
  std::string buffer_;
  std::size_t begin_ = 0;  // first byte of buffer_ not yet given out
  bool at_end_ = false;
  std::uint64_t line_ = 0;
};

}  // namespace numasim
