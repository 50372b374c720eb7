#include "sim/cli/file_kind.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "workloads/input_error.hpp"

namespace numasim::cli {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

std::string first_bytes(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    throw FileError(file.string(), "cannot be read: it is a directory");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw FileError(file.string(), std::string("cannot be read: ") + std::strerror(errno));
  std::string bytes(4096, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

}  // namespace

std::string_view to_string(FileKind kind) {
  return kind == FileKind::scenario ? "the scenario" : "the trace";
}

FileKind kind_of_file(const std::filesystem::path& file) {
  if (file == "-") return FileKind::scenario;
  const std::string bytes = first_bytes(file);
  const std::string_view first_line = std::string_view(bytes).substr(0, bytes.find('\n'));
  const bool trace = bytes.starts_with(kGzipMagic) || bytes.starts_with(kZstdMagic) ||
                     first_line.find("\"numasim_trace\"") != std::string_view::npos ||
                     file.extension() == ".jsonl";
  return trace ? FileKind::trace : FileKind::scenario;
}

}  // namespace numasim::cli
