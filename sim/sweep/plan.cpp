#include "sim/sweep/plan.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "allocator/random.hpp"
#include "sim/settings/scenario_settings.hpp"

namespace numasim::sweep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostProblemsShown = 100;
constexpr std::size_t kTraceDigits = 16;
/// Stands for the trace of a scenario that has none of its own: it can be read and is empty.
constexpr const char* kNoTrace = "/dev/null";
/// Stands for a trace that is yet to be made.
constexpr const char* kMadeTrace = "made from the seed";

/// The value as a constraint sees it: quantities in the unit of their key.
Operand operand_of(const SaidSetting& said, const Settings& known) {
  const Json& value = said.value;
  if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::monostate();
  const auto text = value.get<std::string>();
  const Setting* setting = find_setting(known, said.path);
  if (setting == nullptr || setting->kind != SettingKind::number) return text;
  const auto parsed = parse_quantity(text, setting->unit);
  if (const auto* number = std::get_if<Whole>(&parsed)) return static_cast<double>(*number);
  return text;
}

Problem problem_with(const Constraint& constraint, const BadExpression& bad) {
  return {.file = constraint.source.file,
          .line = constraint.source.value.line,
          .column = constraint.source.value.column + bad.at + 1,
          .message = bad.what};
}

/// Most points share their faults: each is told once.
void add_new(std::vector<Problem>& problems, const std::vector<Problem>& more) {
  for (const Problem& problem : more)
    if (std::ranges::find(problems, problem) == problems.end()) problems.push_back(problem);
}

void throw_if_any(const std::vector<Problem>& problems) {
  if (!problems.empty()) throw InputError(problems);
}

/// Goes through all combinations of the factors' levels, the last factor fastest.
class Combinations {
 public:
  explicit Combinations(const std::vector<Factor>& factors)
      : factors_(factors), level_(factors.size(), 0) {
    for (const Factor& factor : factors) at_end_ = at_end_ || factor.levels.empty();
  }

  bool at_end() const { return at_end_; }

  std::vector<SaidSetting> said() const {
    std::vector<SaidSetting> settings;
    for (std::size_t i = 0; i < factors_.size(); ++i) {
      const auto& level = factors_[i].levels[level_[i]];
      settings.insert(settings.end(), level.begin(), level.end());
    }
    return settings;
  }

  void advance() {
    for (std::size_t i = factors_.size(); i > 0; --i) {
      if (++level_[i - 1] < factors_[i - 1].levels.size()) return;
      level_[i - 1] = 0;
    }
    at_end_ = true;
  }

 private:
  const std::vector<Factor>& factors_;
  std::vector<std::size_t> level_;
  bool at_end_ = false;
};

}  // namespace

SweepPlan::SweepPlan(SweepFile sweep, const std::vector<std::string>& overrides,
                     std::optional<std::uint64_t> seed)
    : sweep_(std::move(sweep)),
      source_(sweep_.base, overrides),
      seed_(seed),
      axes_(axes_of(sweep_)) {
  make_points();
  plan_runs();
}

bool SweepPlan::is_wanted(const std::vector<SaidSetting>& said,
                          std::vector<Problem>& problems) const {
  if (sweep_.constraints.empty()) return true;
  std::vector<Operand> operands;
  for (const SaidSetting& setting : said) operands.push_back(operand_of(setting, sweep_.known));
  for (const Constraint& constraint : sweep_.constraints) {
    const auto holds = constraint.expression.holds(operands);
    if (const auto* bad = std::get_if<BadExpression>(&holds)) {
      add_new(problems, {problem_with(constraint, *bad)});
      return false;
    }
    if (!std::get<bool>(holds)) return false;
  }
  return true;
}

void SweepPlan::make_points() {
  std::vector<Problem> problems;
  for (Combinations at(sweep_.factors); !at.at_end(); at.advance()) {
    auto said = at.said();
    if (is_wanted(said, problems)) {
      points_.push_back({std::move(said), {}});
    } else {
      ++left_out_;
    }
    if (problems.size() >= kMostProblemsShown) break;
  }
  throw_if_any(problems);
}

/// A file keeps the name the sweep gives it: an absolute path would tell machines apart.
std::vector<Json> SweepPlan::resolved(const Point& point, const TraceRecipe& recipe,
                                      const Scenario& scenario) const {
  const Json settings = scenario_to_json(scenario);
  std::vector<Json> values;
  for (const SaidSetting& said : point.said) {
    const Setting* setting = find_setting(sweep_.known, said.path);
    const bool is_file = setting != nullptr && setting->kind == SettingKind::path;
    if (is_of_recipe(said.path)) {
      values.push_back(recipe.value(said.path));
    } else {
      values.push_back(is_file ? said.value
                               : settings.at(Json::json_pointer(pointer_of(said.path))));
    }
  }
  return values;
}

/// A point's own seeds hang on its values alone, so that points can be added to a sweep.
std::uint64_t SweepPlan::seed_of(const Point& point, unsigned repeat, std::uint64_t first) const {
  if (sweep_.seeds == SeedPlan::common) return first + repeat;
  Json name = Json::object();
  for (std::size_t i = 0; i < axes_.size(); ++i) name[axes_[i].path] = point.values[i];
  return Random(stream_seed(first, name.dump() + '/' + std::to_string(repeat))).next();
}

/// The settings of the scenario at a point. Where a trace is made, an empty file stands for the
/// scenario's own if it has none.
std::vector<SaidSetting> SweepPlan::settings_of(const Point& point) const {
  std::vector<SaidSetting> said;
  if (!sweep_.recipe.empty() && source_.tree().find("/workload/trace") == nullptr)
    said.push_back({"workload.trace", kNoTrace, {}});
  for (const auto* settings : {&sweep_.settings, &point.said})
    for (const SaidSetting& setting : *settings)
      if (!is_of_recipe(setting.path)) said.push_back(setting);
  return said;
}

void SweepPlan::plan_point(std::size_t index, FileDigests& files) {
  Point& point = points_[index];
  std::vector<Problem> problems;
  const TraceRecipe recipe =
      sweep_.recipe.with(sweep_.settings, problems).with(point.said, problems);
  throw_if_any(problems);
  Scenario scenario = source_.make(settings_of(point), seed_);
  point.values = resolved(point, recipe, scenario);
  const std::uint64_t first = scenario.seed;
  const std::filesystem::path own = scenario.workload.trace;
  for (unsigned repeat = 0; repeat < sweep_.repeats; ++repeat) {
    PlannedRun run{.id = {}, .made_trace = {}, .point = index, .repeat = repeat};
    scenario.seed = run.seed = seed_of(point, repeat, first);
    if (!recipe.empty()) {
      const std::string beside = own == kNoTrace ? "" : files.of(own);
      const std::string content = beside + "; " + recipe.text(run.seed);
      scenario.workload.trace = kMadeTrace;
      files.expect(kMadeTrace, content);
      run.made_trace = files.of(kMadeTrace).substr(0, kTraceDigits) + ".jsonl.zst";
    }
    run.id = run_id(scenario, files);
    runs_.push_back(std::move(run));
  }
}

void SweepPlan::plan_runs() {
  std::vector<Problem> problems;
  FileDigests files;
  for (std::size_t index = 0; index < points_.size(); ++index) {
    try {
      plan_point(index, files);
    } catch (const InputError& error) {
      add_new(problems, error.problems());
    }
    if (problems.size() >= kMostProblemsShown) break;
  }
  throw_if_any(problems);
}

Scenario SweepPlan::scenario_of(const PlannedRun& run, const std::filesystem::path& traces) const {
  const Point& point = points_[run.point];
  Scenario scenario = source_.make(settings_of(point), run.seed);
  if (run.made_trace.empty()) return scenario;

  std::filesystem::path& own = scenario.workload.trace;
  const auto made = std::filesystem::absolute(traces / run.made_trace).lexically_normal();
  std::error_code ignored;
  if (!std::filesystem::exists(made, ignored)) {
    std::vector<Problem> problems;
    const TraceRecipe recipe =
        sweep_.recipe.with(sweep_.settings, problems).with(point.said, problems);
    recipe.make(own == kNoTrace ? std::filesystem::path() : own, run.seed, made);
  }
  own = made;
  return scenario;
}

}  // namespace numasim::sweep
