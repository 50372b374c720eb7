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

}  // namespace

Recording read_recording(const std::filesystem::path& folder) {
  return {.folder = folder,
          .name = name_of(folder),
          .parameters = Parameters(folder / "cmd.txt"),
          .console = kernel2624::read_console(folder / "console.txt.gz"),
          .dump = kernel2624::read_dump(folder / "dump0.tsv.gz"),
          .summary = read_summary(folder / "summary.json")};
}

}  // namespace numasim::validation
