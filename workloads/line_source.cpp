#include "workloads/line_source.hpp"

#include <array>
#include <boost/iostreams/concepts.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <boost/iostreams/read.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "workloads/input_error.hpp"
#include "workloads/zstd_frames.hpp"

namespace numasim {
namespace {

namespace io = boost::iostreams;

constexpr std::size_t kChunk = std::size_t{1} << 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Close {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, Close>;

/// Bytes of a C stream for Boost.Iostreams, with the first few given back after a look at them.
/// `frames`, if any, sees them all.
class RawBytes : public io::source {
 public:
  RawBytes(std::FILE* file, std::string first, ZstdFrames* frames)
      : file_(file), first_(std::move(first)), frames_(frames) {}

  std::streamsize read(char* to, std::streamsize count) {
    const std::streamsize got = read_plain(to, count);
    if (frames_ != nullptr && got > 0) frames_->feed({to, static_cast<std::size_t>(got)});
    return got;
  }

 private:
  std::streamsize read_plain(char* to, std::streamsize count) {
    if (!first_.empty()) {
      const std::size_t n = std::min(first_.size(), static_cast<std::size_t>(count));
      std::memcpy(to, first_.data(), n);
      first_.erase(0, n);
      return static_cast<std::streamsize>(n);
    }
    const std::size_t n = std::fread(to, 1, static_cast<std::size_t>(count), file_);
    return n == 0 ? -1 : static_cast<std::streamsize>(n);
  }

  std::FILE* file_;
  std::string first_;
  ZstdFrames* frames_;
};

File open(const std::filesystem::path& path, const std::string& name) {
  if (path == "-") return File(stdin);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw FileError(name, "cannot be read: it is a directory");
  }
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    throw FileError(name, std::string("cannot be read: ") + std::strerror(errno));
  }
  return file;
}

}  // namespace

struct LineSource::Input {
  File file;
  std::optional<ZstdFrames> zstd;  // when the file is compressed so
  io::filtering_streambuf<io::input> bytes;
};

LineSource::LineSource(const std::filesystem::path& file)
    : name_(file == "-" ? "<stdin>" : file.string()), input_(std::make_unique<Input>()) {
  input_->file = open(file, name_);
  std::array<char, 4> magic{};
  const std::size_t got = std::fread(magic.data(), 1, magic.size(), input_->file.get());
  const std::string first(magic.data(), got);
  if (first.starts_with("\x1f\x8b")) input_->bytes.push(io::gzip_decompressor());
  if (first == "\x28\xb5\x2f\xfd") {
    input_->zstd.emplace();
    input_->bytes.push(io::zstd_decompressor());
  }
  ZstdFrames* const frames = input_->zstd ? &*input_->zstd : nullptr;
  input_->bytes.push(RawBytes(input_->file.get(), first, frames), kChunk);
}

LineSource::~LineSource() = default;
LineSource::LineSource(LineSource&&) noexcept = default;
LineSource& LineSource::operator=(LineSource&&) noexcept = default;

/// Appends one chunk to the buffer, dropping what was given out. False at the end of the file.
bool LineSource::fill() {
  if (at_end_) return false;
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t had = buffer_.size();
  if (had > kLongestLine) {
    throw InputError(Problem{.file = name_,
                             .line = line_ + 1,
                             .message = "line longer than 16 MiB",
                             .hint = "one record stands on each line"});
  }
  buffer_.resize(had + kChunk);
  std::streamsize got = 0;
  try {
    got = io::read(input_->bytes, buffer_.data() + had, static_cast<std::streamsize>(kChunk));
  } catch (const std::ios_base::failure&) {  // gzip_error, zstd_error
    fail_damaged();
  }
  buffer_.resize(had + static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
  at_end_ = got <= 0;
  if (at_end_ && std::ferror(input_->file.get()) != 0) {
    throw FileError(name_, std::string("cannot be read: ") + std::strerror(errno));
  }
  if (at_end_ && input_->zstd && !input_->zstd->is_whole()) fail_damaged();
  return !at_end_;
}

void LineSource::fail_damaged() const {
  throw InputError(Problem{
      .file = name_, .line = line_ + 1, .message = "compressed data is damaged or cut off here"});
}

std::optional<Line> LineSource::next() {
  std::size_t searched = 0;
  std::size_t end = buffer_.find('\n', begin_);
  while (end == std::string::npos) {
    searched = buffer_.size() - begin_;
    if (!fill()) break;
    end = buffer_.find('\n', begin_ + searched);
  }
  const bool ended = end != std::string::npos;
  if (!ended && begin_ == buffer_.size()) return std::nullopt;

  std::string_view text(buffer_);
  text = text.substr(begin_, ended ? end - begin_ : std::string_view::npos);
  begin_ += text.size() + (ended ? 1 : 0);
  ++line_;
  if (line_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Line{text, line_, ended};
}

}  // namespace numasim
