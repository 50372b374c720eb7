#include "sim/sweep/sweep_directory.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "sim/results/output_file.hpp"
#include "sim/settings/json_document.hpp"

namespace numasim::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kPlanVersion = 1;
constexpr int kFailureVersion = 1;

/// What stands at the top of a sweep's directory, figures and scripts by their usual names.
constexpr std::array<std::string_view, 11> kOurs{
    "runs",     "traces", "logs",     "failed",      "sweep.json", "results.csv",
    "slurm.sh", "slurm",  "size.csv", "answer.json", "report.html"};
constexpr std::string_view kIncomplete = ".incomplete-";

/// Unlike that of every other process that may write beside this one.
std::string process_name() {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) host[0] = 0;
  return std::string(host) + '-' + std::to_string(getpid());
}

bool stands(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

[[noreturn]] void fail_to_write(const fs::path& path, const std::error_code& error) {
  throw results::OutputError("cannot write " + path.string() + ": " + error.message());
}

std::optional<RunState> state_named(const std::string& name) {
  for (const RunState state : {RunState::failed, RunState::crashed, RunState::timed_out})
    if (to_string(state) == name) return state;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(RunState state) {
  switch (state) {
    case RunState::ok:
      return "ok";
    case RunState::failed:
      return "failed";
    case RunState::crashed:
      return "crashed";
    case RunState::timed_out:
      return "timed_out";
    case RunState::missing:
      break;
  }
  return "missing";
}

bool SweepDirectory::holds_sweep() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    const bool ours = std::ranges::any_of(kOurs, [&](std::string_view own) {
      return name == own || name.starts_with(std::string(own) + std::string(kIncomplete));
    });
    if (!ours) return false;
  }
  return !error;
}

bool SweepDirectory::holds_nothing() const {
  std::error_code error;
  if (!stands(path_)) return true;
  return fs::is_directory(path_, error) && fs::is_empty(path_, error);
}

void SweepDirectory::prepare(const Manifest& design) const {
  for (const char* folder : {"runs", "logs", "failed", "traces"}) {
    std::error_code error;
    fs::create_directories(path_ / folder, error);
    if (error) fail_to_write(path_ / folder, error);
  }
  write_manifest(design, manifest());
}

RunState SweepDirectory::state_of(const std::string& id) const {
  if (stands(run(id) / "summary.json")) return RunState::ok;
  if (!stands(failure(id))) return RunState::missing;
  const Json json = Json::parse(read_text_file(failure(id)), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("status") || !json["status"].is_string())
    return RunState::missing;
  return state_named(json["status"].get<std::string>()).value_or(RunState::missing);
}

void SweepDirectory::note_failure(const std::string& id, RunState state, int code) const {
  const Json json{{"numasim_failed_run", kFailureVersion},
                  {"status", to_string(state)},
                  {state == RunState::failed ? "exit_code" : "signal", code}};
  write_whole_file(failure(id), json.dump(2) + '\n');
}

void SweepDirectory::forget_failure(const std::string& id) const {
  std::error_code ignored;
  fs::remove(failure(id), ignored);
}

void SweepDirectory::forget_run(const std::string& id) const {
  std::error_code ignored;
  fs::remove(run(id) / "summary.json", ignored);
}

void SweepDirectory::drop_empty_log(const std::string& id) const {
  std::error_code error;
  if (fs::file_size(log(id), error) == 0 && !error) fs::remove(log(id), error);
}

Manifest manifest_of(const SweepPlan& plan) {
  Manifest manifest{.name = plan.sweep().name,
                    .seeds = std::string(to_string(plan.sweep().seeds)),
                    .axes = {},
                    .metrics = plan.sweep().metrics,
                    .runs = {}};
  for (const Axis& axis : plan.axes()) manifest.axes.push_back(axis.path);
  for (const PlannedRun& run : plan.runs())
    manifest.runs.push_back(
        {run.id, run.point, run.repeat, run.seed, plan.points()[run.point].values});
  return manifest;
}

void write_manifest(const Manifest& manifest, const fs::path& file) {
  const Json head{{"numasim_sweep_plan", kPlanVersion},
                  {"name", manifest.name},
                  {"seeds", manifest.seeds},
                  {"axes", manifest.axes},
                  {"metrics", manifest.metrics},
                  {"runs", Json::array()}};
  std::string text = head.dump(2);
  text.resize(text.rfind("[]"));
  text += '[';
  const char* separator = "\n";
  for (const Manifest::Run& run : manifest.runs) {
    const Json line{{"id", run.id},
                    {"point", run.point},
                    {"repeat", run.repeat},
                    {"seed", run.seed},
                    {"values", run.values}};
    text += separator + ("    " + line.dump());
    separator = ",\n";
  }
  write_whole_file(file, text + "\n  ]\n}\n");
}

Manifest read_manifest(const fs::path& file) {
  const Json json = Json::parse(read_text_file(file, kMostManifestBytes), nullptr,
                                /*allow_exceptions=*/false);
  const auto wrong = [&file](const std::string& found) {
    return InputError(Problem{.file = file.string(),
                              .expected = "the plan of a sweep, as numasim sweep writes it",
                              .found = found});
  };
  if (!json.is_object() || !json.contains("numasim_sweep_plan")) throw wrong("something else");
  if (json["numasim_sweep_plan"] != kPlanVersion)
    throw wrong("version " + json["numasim_sweep_plan"].dump());
  try {
    Manifest manifest{.name = json.at("name").get<std::string>(),
                      .seeds = json.at("seeds").get<std::string>(),
                      .axes = json.at("axes").get<std::vector<std::string>>(),
                      .metrics = json.at("metrics").get<std::vector<std::string>>(),
                      .runs = {}};
    for (const Json& run : json.at("runs"))
      manifest.runs.push_back({run.at("id").get<std::string>(), run.at("point").get<std::size_t>(),
                               run.at("repeat").get<unsigned>(),
                               run.at("seed").get<std::uint64_t>(),
                               run.at("values").get<std::vector<Json>>()});
    return manifest;
  } catch (const Json::exception&) {
    throw wrong("one with parts missing");
  }
}

void write_whole_file(const fs::path& file, std::string_view text) {
  fs::path growing = file;
  growing += std::string(kIncomplete) + process_name();
  results::OutputFile out(growing);
  out.text(text);
  out.close();
  std::error_code error;
  fs::rename(growing, file, error);
  if (error) fail_to_write(file, error);
}

}  // namespace numasim::sweep
