#pragma once
// Bytes as a file that a reader can open, without touching a disk.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "allocator/check.hpp"

namespace numasim::fuzz {

/// A nameless file in memory with these bytes; gone with the object.
class InputFile {
 public:
  InputFile(const std::uint8_t* bytes, std::size_t count) : descriptor_(memfd_create("input", 0)) {
    const ssize_t written = write(descriptor_, bytes, count);
    MM_CHECK(written == static_cast<ssize_t>(count), "written", written, "of", count);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { close(descriptor_); }

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace numasim::fuzz
