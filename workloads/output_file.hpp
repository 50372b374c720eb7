#pragma once
// A file that appears only when it is complete: written under a temporary name, compressed by the
// ending of its name, renamed at the end.

#include <exception>
#include <filesystem>
#include <memory>
#include <string_view>

namespace numasim {

/// Whoever read our standard output went away (| head). No error: nobody wants the rest.
struct ReaderLeft : std::exception {};

class OutputFile {
 public:
  /// Begins "<file>.tmp"; ".gz" and ".zst" compress. "-" is standard output, of which nothing can
  /// be taken back. Throws FileError when it cannot be written.
  explicit OutputFile(const std::filesystem::path& file);
  /// Removes the temporary file unless finish() was called.
  ~OutputFile();
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;

  /// Throws ReaderLeft, and FileError when standard output takes no more.
  void write(std::string_view text);

  /// Closes the temporary file; it gets its name when publish() is called. Throws FileError when
  /// the disk is full.
  void close();
  /// Gives the file its name, closing it first if need be.
  void publish();

 private:
  struct Output;
  std::unique_ptr<Output> output_;
};

}  // namespace numasim
