#pragma once
// Reads LLFree's trace: the pages of all CPUs, merged by time.

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "workloads/llfree/record.hpp"

namespace numasim::llfree {

/// Goes through the pages of each CPU in file order. Memory: a page for each CPU and 4 bytes for
/// each page of the file.
class Reader {
 public:
  /// Looks at every page's CPU. Throws FileError, and InputError when it is no such file.
  explicit Reader(const std::filesystem::path& file);

  const Header& header() const { return header_; }

  struct Entry {
    unsigned cpu = 0;
    Record record{};
  };
  /// The record with the smallest time that is left; of several, one for which `fits_now`, since a
  /// microsecond has room for an allocation on one CPU and the free on another. Nothing at the end.
  std::optional<Entry> next(const std::function<bool(const Record&)>& fits_now);

 private:
  struct Cpu {
    std::vector<std::uint32_t> pages{};  // numbers in the file
    std::size_t next_page = 0;
    std::array<char, kPage> page{};
    std::size_t next_record = kRecordsOfPage + 1;  // in the page; its first 16 bytes are no record
    std::optional<Record> head{};
  };

  [[noreturn]] void fail(const std::string& what) const;
  void read_page(std::uint64_t number, std::array<char, kPage>& page);
  void advance(Cpu& cpu);

  std::string name_;
  std::ifstream bytes_;
  Header header_;
  std::vector<Cpu> cpus_;
};

}  // namespace numasim::llfree
