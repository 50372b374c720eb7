#include "workloads/output_file.hpp"

// g++ 12 takes the string insertion of the gzip filter for an overlapping copy.
#pragma GCC diagnostic ignored "-Wrestrict"

#include <boost/iostreams/concepts.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "workloads/input_error.hpp"

namespace numasim {

namespace io = boost::iostreams;

namespace {

/// Standard output for Boost.Iostreams; remembers why it took no more.
class StandardOutput : public io::sink {
 public:
  explicit StandardOutput(int& error) : error_(error) {}

  std::streamsize write(const char* text, std::streamsize count) {
    const auto bytes = static_cast<std::size_t>(count);
    const bool written = error_ == 0 && std::fwrite(text, 1, bytes, stdout) == bytes;
    if (error_ == 0 && (!written || std::fflush(stdout) != 0)) error_ = errno;
    return count;
  }

 private:
  int& error_;
};

}  // namespace

struct OutputFile::Output {
  std::filesystem::path name;
  std::filesystem::path temporary;
  std::ofstream file;
  int stdout_error = 0;
  io::filtering_ostream bytes;
  bool is_stdout = false;
  bool is_open = false;
  bool is_published = false;

  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(is_stdout ? "<stdout>" : name.string(), "cannot be written: " + what);
  }

  void check_stdout() const {
    if (stdout_error == EPIPE) throw ReaderLeft();
    if (stdout_error != 0) fail(std::strerror(stdout_error));
  }
};

OutputFile::OutputFile(const std::filesystem::path& file) : output_(std::make_unique<Output>()) {
  Output& out = *output_;
  out.name = file;
  out.is_stdout = file == "-";
  out.is_open = true;
  if (out.is_stdout) {
    constexpr std::streamsize kBuffer = 1 << 16;
    out.bytes.push(StandardOutput(out.stdout_error), kBuffer);
    return;
  }
  out.temporary = file;
  out.temporary += ".tmp";
  out.file.open(out.temporary, std::ios::binary | std::ios::trunc);
  if (!out.file) out.fail(std::strerror(errno));
  const std::string ending = file.extension().string();
  if (ending == ".gz") out.bytes.push(io::gzip_compressor());
  if (ending == ".zst") out.bytes.push(io::zstd_compressor());
  out.bytes.push(out.file);
}

OutputFile::~OutputFile() {
  if (!output_ || output_->is_published) return;
  output_->bytes.reset();
  if (output_->is_stdout) return;
  output_->file.close();
  std::error_code ignored;  // nothing better to do than leave the temporary file
  std::filesystem::remove(output_->temporary, ignored);
}

OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;

void OutputFile::write(std::string_view text) {
  output_->bytes.write(text.data(), static_cast<std::streamsize>(text.size()));
  output_->check_stdout();
}

void OutputFile::close() {
  Output& out = *output_;
  if (!out.is_open) return;
  out.is_open = false;
  const bool written = out.bytes.good();
  out.bytes.reset();
  out.check_stdout();
  if (out.is_stdout) return;
  out.file.close();
  if (!written || out.file.fail()) out.fail("is the disk full?");
}

void OutputFile::publish() {
  close();
  output_->is_published = true;
  if (output_->is_stdout) return;
  std::error_code error;
  std::filesystem::rename(output_->temporary, output_->name, error);
  output_->is_published = !error;
  if (error) output_->fail(error.message());
}

}  // namespace numasim
