#pragma once
// A file that appears only when it is complete: written under a temporary name, compressed by the
// ending of its name, renamed at the end.

#include <filesystem>
#include <memory>
#include <string_view>

namespace numasim {

class OutputFile {
 public:
  /// Begins "<file>.tmp"; ".gz" and ".zst" compress. Throws FileError when it cannot be written.
  explicit OutputFile(const std::filesystem::path& file);
  /// Removes the temporary file unless finish() was called.
  ~OutputFile();
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;

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
