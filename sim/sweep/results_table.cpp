#include "sim/sweep/results_table.hpp"

#include <algorithm>
#include <utility>

#include "sim/settings/json_document.hpp"
#include "sim/settings/scenario_settings.hpp"

namespace numasim::sweep {
namespace {

using Json = nlohmann::ordered_json;

void add_numbers(const Json& place, const std::string& name, Metrics& metrics) {
  if (place.is_number_integer()) metrics.emplace_back(name, place.get<std::int64_t>());
  if (!place.is_object()) return;
  for (const auto& [key, value] : place.items())
    add_numbers(value, name.empty() ? key : name + '.' + key, metrics);
}

bool is_inside(const std::string& name, const std::string& section) {
  return name == section || name.starts_with(section + '.');
}

/// What one run left: its state and, if it is ok, its numbers.
struct Outcome {
  RunState state = RunState::missing;
  std::string ended_by;
  Metrics metrics;
};

Outcome outcome_of(const std::string& id, std::span<const SweepDirectory> places) {
  Outcome outcome;
  for (const SweepDirectory& place : places) {
    const RunState state = place.state_of(id);
    if (state == RunState::ok) {
      const Json summary = read_summary(place.run(id) / "summary.json");
      return {state, summary.value("ended_by", std::string()), metrics_of(summary)};
    }
    if (outcome.state == RunState::missing) outcome.state = state;
  }
  return outcome;
}

std::string header(const Manifest& manifest, const MetricColumns& columns) {
  std::string line = "run,point,repeat,seed,status,ended_by";
  for (const std::string& axis : manifest.axes) line += ',' + csv_field(axis);
  for (const std::string& name : columns.names()) line += ',' + csv_field(name);
  return line + '\n';
}

std::string row_of(const Manifest& manifest, const Manifest::Run& run, const Outcome& outcome,
                   const MetricColumns& columns) {
  std::string line = run.id + ',' + std::to_string(run.point) + ',' + std::to_string(run.repeat) +
                     ',' + std::to_string(run.seed) + ',' + std::string(to_string(outcome.state)) +
                     ',' + csv_field(outcome.ended_by);
  for (std::size_t i = 0; i < run.values.size(); ++i)
    line += ',' + csv_value(run.values[i], manifest.axes[i]);
  return line + columns.fields(outcome.metrics) + '\n';
}

}  // namespace

std::string csv_value(const Json& value, const std::string& path) {
  const Setting* setting = find_setting(scenario_settings(), path);
  const bool number = setting != nullptr && setting->kind == SettingKind::number;
  if (value.is_null()) return number ? "-1" : "-";
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  if (value.is_string()) return csv_field(value.get<std::string>());
  return csv_field(value.dump());
}

Json read_summary(const std::filesystem::path& file) {
  Json json = Json::parse(read_text_file(file), nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("numasim_summary")) return json;
  throw InputError(Problem{
      .file = file.string(), .expected = "the summary of a run", .found = "something else"});
}

void MetricColumns::add(const Metrics& metrics) {
  for (const auto& [name, value] : metrics) {
    known_.insert(name);
    if (is_wanted(name) && places_.try_emplace(name, names_.size()).second) names_.push_back(name);
  }
}

std::string MetricColumns::fields(const Metrics& metrics) const {
  std::vector<std::int64_t> row(names_.size(), -1);
  for (const auto& [name, value] : metrics)
    if (const auto place = places_.find(name); place != places_.end()) row[place->second] = value;
  std::string text;
  for (const std::int64_t number : row) text += ',' + std::to_string(number);
  return text;
}

void MetricColumns::check_wanted(const std::string& sweep) const {
  if (known_.empty()) return;
  std::vector<Problem> problems;
  for (const std::string& name : wanted_) {
    const auto in = [&](const std::string& known) { return is_inside(known, name); };
    if (std::ranges::any_of(known_, in)) continue;
    std::string hint = did_you_mean(name, {known_.begin(), known_.end()});
    problems.push_back({.file = sweep,
                        .message = "no run has the metric " + name,
                        .hint = hint.empty() ? "stats.txt of a run lists them" : hint});
  }
  if (!problems.empty()) throw InputError(std::move(problems));
}

bool MetricColumns::is_wanted(const std::string& name) const {
  return wanted_.empty() || std::ranges::any_of(wanted_, [&](const std::string& section) {
           return is_inside(name, section);
         });
}

void Tally::count(RunState state) {
  ++total;
  if (state == RunState::ok) {
    ++ok;
  } else if (state == RunState::missing) {
    ++missing;
  } else {
    ++failed;
  }
}

std::string to_string(const Tally& tally) {
  return "total " + std::to_string(tally.total) + ", ok " + std::to_string(tally.ok) + ", failed " +
         std::to_string(tally.failed) + ", skipped " + std::to_string(tally.missing);
}

Metrics metrics_of(const Json& summary) {
  Metrics metrics;
  for (const auto& [key, value] : summary.items())
    if (key != "numasim_summary" && key != "seed") add_numbers(value, key, metrics);
  return metrics;
}

ResultsTable make_results_table(const Manifest& manifest, std::span<const SweepDirectory> places) {
  std::map<std::string, Outcome> outcomes;
  MetricColumns columns(manifest.metrics);
  for (const Manifest::Run& run : manifest.runs) {
    const auto [entry, is_new] = outcomes.try_emplace(run.id);
    if (!is_new) continue;
    entry->second = outcome_of(run.id, places);
    columns.add(entry->second.metrics);
  }
  columns.check_wanted(manifest.name);

  ResultsTable table{.csv = header(manifest, columns), .tally = {}};
  for (const Manifest::Run& run : manifest.runs) {
    const Outcome& outcome = outcomes.at(run.id);
    table.tally.count(outcome.state);
    table.csv += row_of(manifest, run, outcome, columns);
  }
  return table;
}

}  // namespace numasim::sweep
