#include "workloads/output_file.hpp"

// g++ 12 takes the string insertion of the gzip filter for an overlapping copy.
#pragma GCC diagnostic ignored "-Wrestrict"

#include <boost/iostreams/device/file.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "workloads/input_error.hpp"

namespace numasim {

namespace io = boost::iostreams;

struct OutputFile::Output {
  std::filesystem::path name;
  std::filesystem::path temporary;
  std::ofstream file;
  io::filtering_ostream bytes;
  bool is_open = false;
  bool is_published = false;

  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(name.string(), "cannot be written: " + what);
  }
};

OutputFile::OutputFile(const std::filesystem::path& file) : output_(std::make_unique<Output>()) {
  Output& out = *output_;
  out.name = file;
  out.temporary = file;
  out.temporary += ".tmp";
  out.file.open(out.temporary, std::ios::binary | std::ios::trunc);
  if (!out.file) out.fail(std::strerror(errno));
  const std::string ending = file.extension().string();
  if (ending == ".gz") out.bytes.push(io::gzip_compressor());
  if (ending == ".zst") out.bytes.push(io::zstd_compressor());
  out.bytes.push(out.file);
  out.is_open = true;
}

OutputFile::~OutputFile() {
  if (!output_ || output_->is_published) return;
  output_->bytes.reset();
  output_->file.close();
  std::error_code ignored;  // nothing better to do than leave the temporary file
  std::filesystem::remove(output_->temporary, ignored);
}

OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;

void OutputFile::write(std::string_view text) {
  output_->bytes.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void OutputFile::close() {
  Output& out = *output_;
  if (!out.is_open) return;
  out.is_open = false;
  const bool written = out.bytes.good();
  out.bytes.reset();
  out.file.close();
  if (!written || out.file.fail()) out.fail("is the disk full?");
}

void OutputFile::publish() {
  close();
  std::error_code error;
  std::filesystem::rename(output_->temporary, output_->name, error);
  if (error) output_->fail(error.message());
  output_->is_published = true;
}

}  // namespace numasim
