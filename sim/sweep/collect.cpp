#include "sim/sweep/collect.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "sim/settings/json_document.hpp"
#include "sim/settings/scenario_settings.hpp"

namespace numasim::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool stands(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Values by path: every setting that is not a section, lists whole.
void flatten(const Json& value, const std::string& path, std::map<std::string, Json>& settings,
             std::vector<std::string>& order) {
  if (value.is_object()) {
    for (const auto& [key, inside] : value.items())
      flatten(inside, path.empty() ? key : path + '.' + key, settings, order);
    return;
  }
  if (settings.emplace(path, value).second) order.push_back(path);
}

struct CollectedRun {
  std::string directory;
  RunState state = RunState::missing;
  std::string seed = "-1";
  std::string ended_by;
  std::map<std::string, Json> settings;
  Metrics metrics;
};

CollectedRun read_run(const fs::path& directory, std::vector<std::string>& order) {
  CollectedRun run{.directory = directory.string(), .ended_by = {}, .settings = {}, .metrics = {}};
  const fs::path config = directory / "config.resolved.json";
  if (stands(config)) {
    Json json = Json::parse(read_text_file(config), nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("seed")) run.seed = json["seed"].dump();
    if (json.is_object()) json.erase("seed");
    std::vector<std::string> paths;
    flatten(json, "", run.settings, paths);
    for (const std::string& path : paths)
      if (std::ranges::find(order, path) == order.end()) order.push_back(path);
  }
  if (!stands(directory / "summary.json")) return run;
  const Json summary = read_summary(directory / "summary.json");
  run.state = RunState::ok;
  run.ended_by = summary.value("ended_by", std::string());
  run.metrics = metrics_of(summary);
  return run;
}

/// The settings that do not have one value in all runs.
std::vector<std::string> differing(const std::vector<CollectedRun>& runs,
                                   const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    const auto value = [&](const CollectedRun& run) {
      const auto at = run.settings.find(path);
      return at == run.settings.end() ? Json() : at->second;
    };
    const Json first = value(runs.front());
    if (std::ranges::any_of(runs, [&](const CollectedRun& run) { return value(run) != first; }))
      found.push_back(path);
  }
  return found;
}

}  // namespace

bool is_run_directory(const fs::path& directory) {
  return stands(directory / "config.resolved.json") && !stands(directory / "sweep.json");
}

ResultsTable collect_sweep(const std::vector<fs::path>& directories) {
  std::vector<SweepDirectory> places;
  std::string design;
  for (const fs::path& directory : directories) {
    places.emplace_back(directory);
    const std::string text = read_text_file(places.back().manifest(), kMostManifestBytes);
    if (design.empty()) design = text;
    if (text != design)
      throw InputError(Problem{.file = places.back().manifest().string(),
                               .expected = "the design in " + places[0].manifest().string(),
                               .found = "another one",
                               .hint = "collect one sweep at a time"});
  }
  return make_results_table(read_manifest(places.front().manifest()), places);
}

ResultsTable collect_runs(const std::vector<fs::path>& directories) {
  std::vector<CollectedRun> runs;
  std::vector<std::string> paths;
  const std::vector<std::string> all_metrics;
  MetricColumns columns(all_metrics);
  for (const fs::path& directory : directories) {
    runs.push_back(read_run(directory, paths));
    columns.add(runs.back().metrics);
  }
  const std::vector<std::string> settings = differing(runs, paths);

  ResultsTable table{.csv = "directory,seed,status,ended_by", .tally = {}};
  for (const std::string& path : settings) table.csv += ',' + csv_field(path);
  for (const std::string& name : columns.names()) table.csv += ',' + csv_field(name);
  table.csv += '\n';
  for (const CollectedRun& run : runs) {
    table.tally.count(run.state);
    table.csv += csv_field(run.directory) + ',' + run.seed + ',' +
                 std::string(to_string(run.state)) + ',' + csv_field(run.ended_by);
    for (const std::string& path : settings) {
      const auto value = run.settings.find(path);
      table.csv += ',' + csv_value(value == run.settings.end() ? Json() : value->second, path);
    }
    table.csv += columns.fields(run.metrics) + '\n';
  }
  return table;
}

}  // namespace numasim::sweep
