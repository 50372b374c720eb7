#include "sim/validation/validate_model.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "sim/results/output_file.hpp"
#include "sim/sweep/child_pool.hpp"
#include "sim/validation/markdown.hpp"
#include "sim/validation/ranking.hpp"
#include "workloads/input_error.hpp"

namespace numasim::validation {
namespace {

void make_directory(const std::filesystem::path& place) {
  std::error_code error;
  std::filesystem::create_directories(place, error);
  if (error) throw results::OutputError(place.string() + ": " + error.message());
}

/// Where runs and what children hand over are kept; removed at the end if nobody asked for it.
class Workplace {
 public:
  explicit Workplace(const std::optional<std::filesystem::path>& kept) {
    if (kept) {
      place_ = *kept;
      make_directory(place_);
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

  /// Where a run of a case leaves what it has.
  std::filesystem::path place_of(const Case& of, const Variation& variation) const {
    return place_ / (variation.name.empty() ? of.label : of.label + '.' + variation.name);
  }
  std::filesystem::path log_of(const Case& of, const Variation& variation) const {
    std::filesystem::path log = place_of(of, variation);
    return log += ".log";
  }

 private:
  std::filesystem::path place_;
  bool temporary_ = false;
};

/// A piece of work for a child.
struct Run {
  const Case* of = nullptr;
  const Variation* variation = nullptr;
};

int run_in_child(const Run& run, const Workplace& workplace, const ValidationPlan& plan) {
  constexpr int kFailed = 1;
  try {
    run_case(*run.of, *run.variation, workplace.place_of(*run.of, *run.variation),
             plan.command_line);
    return 0;
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
  return last.empty() ? "it left no result" : last;
}

Reading median_of(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

std::optional<Band> band_of(const Case& of, const Quantity& quantity) {
  const auto found = of.bands.find(quantity.target.band);
  return found == of.bands.end() ? std::nullopt : std::optional(found->second);
}

/// The medians of the repeats against their targets.
void judge_case(const Case& of, const Workplace& workplace, Validation& validation) {
  std::vector<Outcome> outcomes;
  for (const Variation& variation : of.variations) {
    auto outcome = read_outcome(workplace.place_of(of, variation));
    if (!outcome) {
      const std::string why = last_line_of(workplace.log_of(of, variation));
      validation.verdicts.push_back(not_run(of.label, why));
      return;
    }
    outcomes.push_back(std::move(*outcome));
  }
  for (const std::string& note : outcomes.front().notes)
    validation.notes.push_back(of.label + ": " + note);
  for (std::size_t i = 0; i < of.quantities.size(); ++i) {
    const Quantity& quantity = of.quantities[i];
    std::vector<double> values;
    for (const Outcome& outcome : outcomes)
      if (outcome.readings[i]) values.push_back(*outcome.readings[i]);
    const Reading recorded = quantity.between ? Reading{} : quantity.read(of.recorded);
    validation.verdicts.push_back(
        judge(of.label, quantity, recorded, median_of(std::move(values)), band_of(of, quantity)));
  }
}

std::vector<Run> runs_of(const std::vector<Case>& cases, const Workplace& workplace) {
  std::vector<Run> runs;
  for (const Case& each : cases) {
    if (each.trouble) continue;
    for (const Variation& variation : each.variations) {
      runs.push_back({&each, &variation});
      std::filesystem::path earlier = workplace.place_of(each, variation);
      std::filesystem::remove(earlier += ".outcome.json");
    }
  }
  return runs;
}

void write_report(const ValidationPlan& plan, const std::vector<Case>& cases,
                  const Workplace& workplace, const Validation& validation) {
  make_directory(*plan.markdown);
  std::vector<std::string> figures;
  for (const Case& each : cases) {
    if (each.trouble || !plan.draw) continue;
    const auto table = free_pages_table(workplace.place_of(each, each.variations.front()));
    if (!std::filesystem::exists(table)) continue;
    plan.draw(table, *plan.markdown / (each.label + ".png"));
    figures.push_back(each.label);
  }
  results::OutputFile out(*plan.markdown / "README.md");
  out.text(markdown_text(cases, validation.verdicts, validation.notes, figures));
  out.close();
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
  const std::vector<Case> cases = read_cases(plan.folders, plan.cases);
  const std::vector<Run> runs = runs_of(cases, workplace);
  const sweep::ChildWork work{
      .count = runs.size(),
      .at_once = plan.jobs,
      .timeout = std::nullopt,
      .run = [&](std::size_t i) { return run_in_child(runs[i], workplace, plan); },
      .log = [&](std::size_t i) { return workplace.log_of(*runs[i].of, *runs[i].variation); },
      .ended = [](std::size_t, sweep::ChildEnd) { return true; }};

  Validation validation;
  validation.interrupted = !sweep::work_in_children(work);
  if (validation.interrupted) return validation;
  for (const Case& each : cases) {
    if (each.trouble)
      validation.verdicts.push_back(not_run(each.label, *each.trouble));
    else
      judge_case(each, workplace, validation);
  }
  add_rankings(cases, validation.verdicts);
  if (plan.markdown) write_report(plan, cases, workplace, validation);
  return validation;
}

}  // namespace numasim::validation
