#include "sim/validation/recording.hpp"

#include <fstream>

#include "workloads/input_error.hpp"

namespace numasim::validation {
namespace {

std::string name_of(std::filesystem::path folder) {
  if (!folder.has_filename()) folder = folder.parent_path();
  return std::filesystem::absolute(folder).lexically_normal().filename().string();
}

nlohmann::json read_summary(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw FileError(file.string(), "cannot be read");
  try {
    return nlohmann::json::parse(in);
  } catch (const nlohmann::json::parse_error& error) {
    throw InputError(Problem{.file = file.string(),
                             .expected = "a JSON document",
                             .found = std::string(error.what())});
  }
}

/// How the cpuset of the workload was set up, the console says better than the command line.
void add_cpuset(Recording& recording) {
  constexpr std::string_view kCpuset = "/dev/cpuset/a/";
  for (const ShownFile& file : recording.shown) {
    if (!file.path.starts_with(kCpuset) || file.lines.empty()) continue;
    const std::string key = "cpuset." + file.path.substr(kCpuset.size());
    if (!recording.parameters.has(key)) recording.parameters.set(key, file.lines.front());
  }
}

}  // namespace

Recording read_recording(const std::filesystem::path& folder) {
  Recording recording{.folder = folder,
                      .name = name_of(folder),
                      .parameters = Parameters(folder / "cmd.txt"),
                      .console = kernel2624::read_console(folder / "console.txt.gz"),
                      .dump = kernel2624::read_dump(folder / "dump0.tsv.gz"),
                      .shown = read_shown_files(folder / "console.txt.gz"),
                      .summary = read_summary(folder / "summary.json")};
  add_cpuset(recording);
  return recording;
}

}  // namespace numasim::validation
