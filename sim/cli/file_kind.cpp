#include "sim/cli/file_kind.hpp"

#include <string>

#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"

namespace numasim::cli {
namespace {

/// The first characters that are not blank, enough to hold a first key.
std::string beginning(const std::filesystem::path& file) {
  constexpr int most_lines = 100;
  constexpr std::size_t enough = 40;
  std::string text;
  LineSource lines(file);
  for (int i = 0; i < most_lines && text.size() < enough; ++i) {
    const auto line = lines.next();
    if (!line) break;
    for (char c : line->text.substr(0, 1000))
      if (c != ' ' && c != '\t' && text.size() < enough) text += c;
  }
  return text;
}

}  // namespace

std::string_view to_string(FileKind kind) {
  switch (kind) {
    case FileKind::scenario:
      return "scenario";
    case FileKind::trace:
      return "trace";
    case FileKind::sweep:
      return "sweep";
    case FileKind::state:
      break;
  }
  return "state file";
}

FileKind kind_of_file(const std::filesystem::path& file) {
  if (file == "-") return FileKind::scenario;
  const std::string text = beginning(file);
  if (text.starts_with("{\"numasim_trace\"")) return FileKind::trace;
  if (text.starts_with("{\"numasim_state\"")) return FileKind::state;
  if (text.starts_with("{\"numasim_sweep\"")) return FileKind::sweep;
  const std::string ending = file.extension() == ".gz" || file.extension() == ".zst"
                                 ? file.stem().extension()
                                 : file.extension();
  return ending == ".jsonl" ? FileKind::trace : FileKind::scenario;
}

}  // namespace numasim::cli
