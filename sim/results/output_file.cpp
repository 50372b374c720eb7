#include "sim/results/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

namespace numasim::results {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

}  // namespace

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
  if (text.empty()) return this->text("-");
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return this->text(text);
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return this->text(quoted + '"');
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
