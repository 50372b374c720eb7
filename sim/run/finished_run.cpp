#include "sim/run/finished_run.hpp"

#include <system_error>

#include "sim/settings/json_document.hpp"
#include "sim/settings/load_scenario.hpp"

namespace numasim {
namespace {

namespace fs = std::filesystem;

bool stands(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void check_is_run(const fs::path& directory) {
  if (!stands(directory)) throw FileError(directory.string(), "cannot be read: no such directory");
  if (stands(directory / "summary.json") && stands(directory / "config.resolved.json")) return;
  const bool cut_off = stands(directory / "config.resolved.json");
  throw InputError({.file = directory.string(),
                    .expected = "a run directory",
                    .found = cut_off ? "a run that did not end" : "no config.resolved.json",
                    .hint = "numasim run makes one"});
}

}  // namespace

nlohmann::ordered_json read_summary(const fs::path& directory) {
  check_is_run(directory);
  const std::string file = (directory / "summary.json").string();
  std::vector<Problem> problems;
  auto summary = parse_json(read_text_file(file), file, problems);
  if (!summary || !problems.empty()) throw InputError(std::move(problems));
  return std::move(summary->root);
}

FinishedRun read_finished_run(const fs::path& directory,
                              const std::vector<std::string>& overrides) {
  nlohmann::ordered_json summary = read_summary(directory);
  return {.directory = directory,
          .scenario = load_scenario(directory / "config.resolved.json", overrides),
          .summary = std::move(summary)};
}

}  // namespace numasim
