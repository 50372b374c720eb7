#include "sim/results/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

namespace numasim::results {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos;
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.empty()) return "-";
  if (is_plain(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

OutputFile::OutputFile(std::filesystem::path path)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
  if (!file_) error_ = errno;
  throw_if_failed();
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  buffer_.reserve(kBufferBytes);
}

OutputFile& OutputFile::text(std::string_view text) {
  if (buffer_.size() + text.size() > kBufferBytes) flush();
  buffer_ += text;
  return *this;
}

OutputFile& OutputFile::field(std::string_view text) {
  if (is_plain(text)) return this->text(text);
  return this->text(csv_field(text));
}

void OutputFile::close() {
  flush();
  if (std::fclose(file_.release()) != 0 && error_ == 0) error_ = errno;
  throw_if_failed();
}

void OutputFile::flush() {
  if (error_ == 0 && std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size())
    error_ = errno;
  buffer_.clear();
}

void OutputFile::throw_if_failed() const {
  if (error_ != 0)
    throw OutputError("cannot write " + path_.string() + ": " + std::strerror(error_));
}

}  // namespace numasim::results
