#include "sim/validation/validate_model.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/results/output_file.hpp"
#include "sim/sweep/child_pool.hpp"
#include "sim/validation/prediction.hpp"
#include "workloads/input_error.hpp"

namespace numasim::validation {
namespace {

using Json = nlohmann::ordered_json;

/// Where runs and what children hand over are kept; removed at the end if nobody asked for it.
class Workplace {
 public:
  explicit Workplace(const std::optional<std::filesystem::path>& kept) {
    if (kept) {
      place_ = *kept;
      std::error_code error;
      std::filesystem::create_directories(place_, error);
      if (error) throw results::OutputError(place_.string() + ": " + error.message());
      return;
    }
    std::string pattern = std::filesystem::temp_directory_path() / "numasim-validate-XXXXXX";
    if (!mkdtemp(pattern.data())) throw results::OutputError("cannot make a directory " + pattern);
    place_ = pattern;
    temporary_ = true;
  }
  ~Workplace() {
    std::error_code ignored;
    if (temporary_) std::filesystem::remove_all(place_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  std::filesystem::path file(const std::string& name) const { return place_ / name; }

 private:
  std::filesystem::path place_;
  bool temporary_ = false;
};

/// One recording to be judged.
struct Case {
  Recording recording;
  std::string label;  // unlike that of every other case
  Account recorded{};
  std::vector<Quantity> quantities{};
  std::optional<std::string> trouble{};  // why there is nothing to judge
};

/// Scenarios of the same name in several sets are told apart by the name of their set.
std::vector<Case> read_cases(const ValidationPlan& plan) {
  std::vector<Case> cases;
  std::map<std::string, int> namesakes;
  for (const auto& folder : plan.folders) {
    Recording recording = read_recording(folder);
    ++namesakes[recording.name];
    std::string label = recording.name;
    cases.push_back({.recording = std::move(recording), .label = std::move(label)});
  }
  for (Case& each : cases) {
    if (namesakes[each.label] > 1) {
      const auto set = std::filesystem::absolute(each.recording.folder / "..").lexically_normal();
      each.label = set.parent_path().filename().string() + '-' + each.label;
    }
    each.recorded = read_account(each.recording);
    each.quantities = quantities_of(each.recording.parameters, each.recorded);
    each.trouble = cannot_predict(each.recording);
    if (!each.trouble && each.quantities.empty()) each.trouble = "nothing to compare";
  }
  return cases;
}

Json to_json(Reading reading) { return reading ? Json(*reading) : Json(nullptr); }

/// What a child hands to its parent.
Json outcome_of(const Case& of, const Prediction& prediction) {
  Json readings = Json::array();
  for (const Quantity& quantity : of.quantities)
    readings.push_back(to_json(quantity.between ? quantity.between(of.recorded, prediction.account)
                                                : quantity.read(prediction.account)));
  std::vector<std::string> notes = prediction.notes;
  for (const std::string& key : of.recording.parameters.unused())
    notes.push_back("nothing takes notice of " + key);
  return {{"readings", readings}, {"notes", notes}};
}

int run_case(const Case& of, const Workplace& workplace, const ValidationPlan& plan) {
  constexpr int kFailed = 1;
  try {
    const Prediction prediction =
        predict(of.recording, workplace.file(of.label), plan.command_line);
    std::ofstream out(workplace.file(of.label + ".outcome.json"));
    out << outcome_of(of, prediction).dump(1) << '\n';
    return out.good() ? 0 : kFailed;
  } catch (const std::exception& error) {
    std::cerr << "numasim: " << error.what() << '\n';
    return kFailed;
  }
}

std::string last_line_of(const std::filesystem::path& log) {
  std::ifstream in(log);
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = line;
  return last;
}

void judge_case(const Case& of, const Workplace& workplace, Validation& validation) {
  const std::filesystem::path file = workplace.file(of.label + ".outcome.json");
  std::ifstream in(file);
  if (!in) {
    const std::string why = last_line_of(workplace.file(of.label + ".log"));
    validation.verdicts.push_back(not_run(of.label, why.empty() ? "it left no result" : why));
    return;
  }
  const Json outcome = Json::parse(in);
  for (const Json& note : outcome.at("notes"))
    validation.notes.push_back(of.label + ": " + note.get<std::string>());
  for (std::size_t i = 0; i < of.quantities.size(); ++i) {
    const Quantity& quantity = of.quantities[i];
    const Json& value = outcome.at("readings").at(i);
    const Reading simulated = value.is_null() ? Reading{} : Reading{value.get<double>()};
    const Reading recorded = quantity.between ? Reading{} : quantity.read(of.recorded);
    validation.verdicts.push_back(judge(of.label, quantity, recorded, simulated, std::nullopt));
  }
}

bool run_all(const std::vector<const Case*>& runnable, const Workplace& workplace,
             const ValidationPlan& plan) {
  std::size_t done = 0;
  const sweep::ChildWork work{
      .count = runnable.size(),
      .at_once = plan.jobs,
      .timeout = std::nullopt,
      .run = [&](std::size_t i) { return run_case(*runnable[i], workplace, plan); },
      .log = [&](std::size_t i) { return workplace.file(runnable[i]->label + ".log"); },
      .ended =
          [&](std::size_t i, sweep::ChildEnd) {
            ++done;
            if (plan.progress)
              plan.progress(std::to_string(done) + " of " + std::to_string(runnable.size()) +
                            " run: " + runnable[i]->label);
            return true;
          }};
  return sweep::work_in_children(work);
}

}  // namespace

std::vector<std::filesystem::path> recordings_below(const std::filesystem::path& place) {
  if (std::filesystem::exists(place / "cmd.txt")) return {place};
  std::vector<std::filesystem::path> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(place, error))
    if (std::filesystem::exists(entry.path() / "dump0.tsv.gz")) found.push_back(entry.path());
  if (error) throw FileError(place.string(), "cannot be read: " + error.message());
  if (found.empty())
    throw InputError(Problem{.file = place.string(),
                             .expected = "a recording: a folder with cmd.txt, console.txt.gz and "
                                         "dump0.tsv.gz, or a folder of such"});
  std::ranges::sort(found);
  return found;
}

Validation validate_model(const ValidationPlan& plan) {
  const Workplace workplace(plan.out);
  const std::vector<Case> cases = read_cases(plan);
  std::vector<const Case*> runnable;
  for (const Case& each : cases)
    if (!each.trouble) runnable.push_back(&each);
  for (const Case* each : runnable)
    std::filesystem::remove(workplace.file(each->label + ".outcome.json"));

  Validation validation;
  validation.interrupted = !run_all(runnable, workplace, plan);
  for (const Case& each : cases) {
    if (each.trouble)
      validation.verdicts.push_back(not_run(each.label, *each.trouble));
    else
      judge_case(each, workplace, validation);
  }
  return validation;
}

}  // namespace numasim::validation
