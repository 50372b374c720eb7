#pragma once
// Buffered text output that notices a full disk. No locale, integers only.

#include <charconv>
#include <concepts>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace numasim::results {

/// A result could not be written: the message names the path and the reason. Exit code 4.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A text as a field of a table: quoted when it must be (RFC 4180); "-" when it is empty, which
/// would read as "nothing".
std::string csv_field(std::string_view text);

/// A file being written. Opening and closing throw OutputError when the system refuses. What goes
/// wrong in between is told by close(): rows are written in the midst of the simulation, through
/// which no exception may pass.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path);

  OutputFile& text(std::string_view text);

  template <std::integral Integer>
  OutputFile& number(Integer value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return text({digits, static_cast<std::size_t>(end - digits)});
  }

  /// csv_field(), without a copy where there is nothing to quote.
  OutputFile& field(std::string_view text);

  /// Writes out what is buffered and closes. Throws if any of it could not be written.
  void close();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void flush();
  void throw_if_failed() const;

  std::filesystem::path path_;
  std::string buffer_;
  std::unique_ptr<std::FILE, Closer> file_;
  int error_ = 0;  // errno of the first failure
};

}  // namespace numasim::results
