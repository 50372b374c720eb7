#include "sim/validation/bands.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <vector>

#include "sim/validation/quantity.hpp"
#include "workloads/input_error.hpp"

namespace numasim::validation {
namespace {

constexpr const char* kFileName = "SENSITIVITY.json";

/// The workload whose repeats the table has: two writers and a hog, one machine size each.
bool is_the_repeated_one(const Parameters& parameters) {
  const std::int64_t nodes = parameters.number("NODES", 0), mib = parameters.number("MB", 0);
  const bool small = nodes == 1 && mib == 128 && parameters.number("hpages", 0) == 20'000;
  const bool two = nodes == 2 && mib == 64 && parameters.number("hpages", 0) == 15'000;
  return (small || two) && family_of(parameters) == Family::dirty &&
         parameters.number("nw", 0) == 2 && parameters.number("wpages", 0) == 30'000 &&
         parameters.number("nh", 0) == 1 && parameters.number("hrate", 0) == 4'000 &&
         parameters.number("hchunk", 16) == 16 && parameters.number("nm", 0) == 0 &&
         parameters.number("nw1", 0) == 0 && parameters.number("nrq", 128) == 128 &&
         parameters.number("hold", 1) == 1 && parameters.number("hwait", 0) == 0 &&
         parameters.number("wrate", 0) == 0 && parameters.text("iosched") == "noop" &&
         parameters.text("disk") == "20000000,100000,2000000";
}

std::string sysctl(const Recording& recording, const std::string& name) {
  const auto shown = recording.console.sysctls.find(name);
  return shown == recording.console.sysctls.end() ? "" : shown->second;
}

std::string key_of(const Recording& recording) {
  const Parameters& parameters = recording.parameters;
  const bool older = recording.console.kernel_version.starts_with("2.6.22");
  return std::string(older ? "2.6.22 " : "2.6.24 ") +
         std::to_string(parameters.number("NODES", 0)) + 'x' +
         std::to_string(parameters.number("MB", 0)) + " dirty_ratio " +
         sysctl(recording, "dirty_ratio") + '/' + sysctl(recording, "dirty_background_ratio");
}

using Run = nlohmann::json;

double number(const Run& run, const char* name) { return run.value(name, 0.0); }

}  // namespace

SensitivityTable::SensitivityTable(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw FileError(file.string(), "cannot be read");
  table_ = nlohmann::json::parse(in, nullptr, false);
  if (!table_.is_object())
    throw InputError(Problem{.file = file.string(),
                             .expected = "a JSON object: workloads with their repeats",
                             .found = "something else"});
}

std::optional<std::filesystem::path> SensitivityTable::find(
    const std::filesystem::path& recording) {
  const auto set = std::filesystem::absolute(recording / "..").lexically_normal();
  if (std::filesystem::exists(set / kFileName)) return set / kFileName;
  std::vector<std::filesystem::path> beside;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(set / "..", error))
    if (std::filesystem::exists(entry.path() / kFileName)) beside.push_back(entry.path());
  if (beside.empty()) return std::nullopt;
  return *std::ranges::min_element(beside) / kFileName;
}

Bands SensitivityTable::bands_of(const Recording& recording) const {
  if (!is_the_repeated_one(recording.parameters)) return {};
  const auto runs = table_.find(key_of(recording));
  if (runs == table_.end() || !runs->is_object() || runs->empty()) return {};
  const std::map<std::string, std::function<double(const Run&)>> kReadings{
      {"allocstall", [](const Run& run) { return number(run, "allocstall"); }},
      {"pageoutrun", [](const Run& run) { return number(run, "pageoutrun"); }},
      {"kswapd_steal", [](const Run& run) { return number(run, "kswapd_steal"); }},
      {"cw", [](const Run& run) { return number(run, "cw_early") + number(run, "cw_timeout"); }},
      {"cw_early_share",
       [](const Run& run) {
         const double all = number(run, "cw_early") + number(run, "cw_timeout");
         return all > 0 ? number(run, "cw_early") / all : 1.0;
       }},
      {"dr_sum_ms", [](const Run& run) { return 1000 * number(run, "dr_sum_s"); }},
      {"dr_max_ms", [](const Run& run) { return number(run, "dr_max_ms"); }},
  };
  Bands bands;
  for (const auto& [name, read] : kReadings) {
    std::vector<double> values;
    for (const auto& [repeat, run] : runs->items()) values.push_back(read(run));
    std::ranges::sort(values);
    bands[name] = {.low = values.front(),
                   .high = values.back(),
                   .median = (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2};
  }
  return bands;
}

}  // namespace numasim::validation
