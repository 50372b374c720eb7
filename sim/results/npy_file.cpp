#include "sim/results/npy_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "allocator/check.hpp"

namespace numasim::results {
namespace {

constexpr std::size_t kMagicBytes = 10;  // magic, version, length of the header
constexpr std::size_t kAlignment = 64;   // of the first value
constexpr std::size_t kDigits = 20;      // room for the number of rows

template <std::size_t bytes>
void append_little_endian(std::string& text, std::uint64_t value) {
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

NpyFile::NpyFile(std::filesystem::path path, std::vector<std::string_view> columns)
    : path_(path), columns_(std::move(columns)), file_(std::move(path)) {
  file_.text(header());
}

/// Of the same length however many rows there are: the number is known only at the end.
std::string NpyFile::header() const {
  std::string dictionary = "{'descr': [";
  for (const std::string_view column : columns_)
    dictionary += "('" + std::string(column) + "', '<i8'), ";
  std::string rows = std::to_string(rows_);
  const std::size_t padding = kDigits - rows.size();
  dictionary +=
      "], 'fortran_order': False, 'shape': (" + rows + ",), }" + std::string(padding, ' ');
  const std::size_t whole = kMagicBytes + dictionary.size() + 1;
  dictionary.append((kAlignment - whole % kAlignment) % kAlignment, ' ');
  dictionary += '\n';

  std::string text = "\x93NUMPY\x01";
  text += '\0';
  append_little_endian<2>(text, dictionary.size());
  return text + dictionary;
}

void NpyFile::row(std::span<const std::int64_t> values) {
  MM_CHECK(values.size() == columns_.size(), values.size());
  std::string bytes;
  for (const std::int64_t value : values)
    append_little_endian<8>(bytes, static_cast<std::uint64_t>(value));
  file_.text(bytes);
  ++rows_;
}

void NpyFile::close() {
  file_.close();
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Closer> again(std::fopen(path_.c_str(), "r+b"));
  const std::string text = header();
  const bool written = again &&
                       std::fwrite(text.data(), 1, text.size(), again.get()) == text.size() &&
                       std::fflush(again.get()) == 0;
  if (!written) throw OutputError("cannot write " + path_.string() + ": " + std::strerror(errno));
}

}  // namespace numasim::results
