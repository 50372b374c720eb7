#include "sim/validation/case.hpp"

#include <fstream>
#include <map>

#include "sim/results/output_file.hpp"
#include "sim/validation/prediction.hpp"

namespace numasim::validation {
namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path with_suffix(std::filesystem::path place, const char* suffix) {
  place += suffix;
  return place;
}

std::string set_of(const Recording& recording) {
  const auto set = std::filesystem::absolute(recording.folder / "..").lexically_normal();
  return (set.has_filename() ? set : set.parent_path()).filename().string();
}

/// Nothing happens in them that a program could bring about.
bool is_no_workload(const Recording& recording) {
  const std::string& scenario = recording.parameters.scenario();
  return scenario == "boot" || scenario == "replay";
}

Bands bands_of(const Recording& recording, const CaseOptions& options) {
  const auto file =
      options.sensitivity ? options.sensitivity : SensitivityTable::find(recording.folder);
  return file ? SensitivityTable(*file).bands_of(recording) : Bands{};
}

Json to_json(Reading reading) { return reading ? Json(*reading) : Json(nullptr); }

/// One row a sample: what the recording and the run had free.
void write_free_pages(const Account& recorded, const Account& simulated,
                      const std::filesystem::path& file) {
  results::OutputFile out(file);
  out.text("source,zone,time_ns,free_pages\n");
  const auto write = [&](const char* source, const Account& account) {
    for (const ZoneLook& look : account.looks)
      out.text(std::string(source) + ',' + zone_name(look.zone) + ',' +
               std::to_string(to_ns(look.date)) + ',' + std::to_string(look.free) + '\n');
  };
  write("recorded", recorded);
  write("simulated", simulated);
  out.close();
}

}  // namespace

std::vector<Case> read_cases(const std::vector<std::filesystem::path>& folders,
                             const CaseOptions& options) {
  std::vector<Case> cases;
  std::map<std::string, int> namesakes;
  for (const auto& folder : folders) {
    Recording recording = read_recording(folder);
    if (folders.size() > 1 && is_no_workload(recording)) continue;
    ++namesakes[recording.name];
    std::string label = recording.name;
    cases.push_back({.recording = std::move(recording), .label = std::move(label)});
  }
  for (Case& each : cases) {
    const Recording& recording = each.recording;
    // Scenarios of the same name in several sets are told apart by the name of their set.
    if (namesakes[each.label] > 1) each.label = set_of(recording) + '-' + each.label;
    each.recorded = read_account(recording);
    each.quantities = quantities_of(recording.parameters, each.recorded);
    each.variations = variations_of(family_of(recording.parameters), options.repeats);
    each.bands = bands_of(recording, options);
    each.trouble = cannot_predict(recording);
    if (!each.trouble && each.quantities.empty()) each.trouble = "nothing to compare";
  }
  return cases;
}

void run_case(const Case& of, const Variation& variation, const std::filesystem::path& place,
              const std::vector<std::string>& command_line) {
  const Prediction prediction = predict(of.recording, variation, place, command_line);
  Json readings = Json::array();
  for (const Quantity& quantity : of.quantities)
    readings.push_back(to_json(quantity.between ? quantity.between(of.recorded, prediction.account)
                                                : quantity.read(prediction.account)));
  write_free_pages(of.recorded, prediction.account, free_pages_table(place));
  results::OutputFile out(with_suffix(place, ".outcome.json"));
  out.text(Json{{"readings", readings}, {"notes", prediction.notes}}.dump(1) + '\n');
  out.close();
}

std::optional<Outcome> read_outcome(const std::filesystem::path& place) {
  std::ifstream in(with_suffix(place, ".outcome.json"));
  if (!in) return std::nullopt;
  const Json json = Json::parse(in);
  Outcome outcome{.readings = {}, .notes = json.at("notes").get<std::vector<std::string>>()};
  for (const Json& value : json.at("readings"))
    outcome.readings.push_back(value.is_null() ? Reading{} : Reading{value.get<double>()});
  return outcome;
}

std::filesystem::path free_pages_table(const std::filesystem::path& place) {
  return with_suffix(place, ".free_pages.csv");
}

}  // namespace numasim::validation
