#include "sim/sweep/sweep_file.hpp"

#include <algorithm>
#include <utility>

#include "sim/settings/problem_list.hpp"
#include "sim/settings/scenario_settings.hpp"
#include "sim/sweep/axis_reader.hpp"
#include "sim/sweep/file_section.hpp"

namespace numasim::sweep {
namespace {

using Json = SettingsTree::Json;

constexpr std::size_t kMostProblemsShown = 100;
constexpr std::size_t kMostAxes = 4000;

/// Reads one file; the faults of all its parts are told together.
class SweepFileReader {
 public:
  SweepFileReader(SettingsTree tree, const std::filesystem::path& path)
      : tree_(std::move(tree)), path_(path), axes_(tree_, sweep_.known, problems_) {}

  SweepFile read() {
    FileSection top(tree_, problems_, "",
                    {"$schema", "numasim_sweep", "name", "description", "base", "set", "generate",
                     "grid", "zip", "sample", "constraints", "repeats", "seeds", "size", "metrics"},
                    {"numasim_sweep", "base"});
    top.whole("numasim_sweep", Unit::none, {1, kSweepVersion});
    read_texts(top);
    read_recipe(top);
    read_factors(top);
    read_constraints(top);
    read_repeats(top);
    read_metrics(top);
    check_size();
    if (problems_.empty()) return std::move(sweep_);
    tree_.sort(problems_);
    if (problems_.size() > kMostProblemsShown) problems_.resize(kMostProblemsShown);
    throw InputError(std::move(problems_));
  }

 private:
  void read_texts(FileSection& top) {
    sweep_.name = top.text("name").value_or(path_ == "-" ? "stdin" : path_.stem().string());
    sweep_.description = top.text("description").value_or("");
    const auto base = top.text("base");
    if (!base) return;
    sweep_.base = (path_.parent_path() / *base).lexically_normal();
    if (base->empty() || base->find('\0') != std::string::npos)
      report(tree_, problems_, "/base", "the name of a scenario file", quoted(*base));
  }

  bool is_section(const std::string& pointer) {
    const Json& value = *tree_.find(pointer);
    if (value.is_object()) return true;
    report(tree_, problems_, pointer, "a section { path: ..., ... }", shown(value));
    return false;
  }

  void read_recipe(const FileSection& top) {
    sweep_.known = scenario_settings();
    if (!top.has("generate") || !is_section("/generate")) return;
    sweep_.recipe = TraceRecipe::read(tree_, "/generate", problems_);
    const Settings parameters = sweep_.recipe.settings();
    sweep_.known.insert(sweep_.known.end(), parameters.begin(), parameters.end());
  }

  void read_factors(const FileSection& top) {
    if (top.has("set") && is_section("/set")) sweep_.settings = axes_.read_settings("/set");
    if (top.has("grid") && is_section("/grid")) axes_.read_grid("/grid");
    if (top.has("zip")) axes_.read_zip("/zip");
    if (top.has("sample")) axes_.read_sample("/sample");
    if (top.has("size") && is_section("/size")) read_question(top);
    sweep_.factors = axes_.take_factors();
  }

  void read_question(const FileSection& top) {
    for (const char* other : {"grid", "zip", "sample"})
      if (top.has(other))
        report(tree_, problems_, top.pointer(other), "nothing beside \"size\"", "axes",
               "a question is about one setting; put others into \"set\"");
    FileSection section(
        tree_, problems_, "/size",
        {"setting", "values", "metric", "at_most", "quantile_percent", "confidence_percent"},
        {"setting", "values", "metric", "at_most"});
    constexpr Whole most = Whole{1} << 62;
    SizeQuestion question{.setting = section.text("setting").value_or(""),
                          .metric = section.text("metric").value_or("")};
    const auto at_most = section.whole("at_most", unit_of_key(question.metric), {0, most});
    question.at_most = static_cast<std::int64_t>(at_most.value_or(0));
    question.quantile = section.between("quantile_percent", 0, 100).value_or(99) / 100;
    question.confidence = section.between("confidence_percent", 0, 100).value_or(95) / 100;
    if (!question.setting.empty() && section.has("values"))
      axes_.read_searched("/size/setting", "/size/values");
    sweep_.size = std::move(question);
  }

  void read_constraints(const FileSection& top) {
    if (!top.has("constraints")) return;
    std::vector<std::string> names;
    for (const Axis& axis : axes_of(sweep_)) names.push_back(axis.path);
    for (const std::string& pointer : texts_of("/constraints")) {
      const auto text = tree_.find(pointer)->get<std::string>();
      auto parsed = Expression::parse(text, names);
      if (auto* expression = std::get_if<Expression>(&parsed)) {
        sweep_.constraints.push_back({text, std::move(*expression), tree_.source(pointer)});
        continue;
      }
      const auto& bad = std::get<BadExpression>(parsed);
      Problem problem = tree_.problem_at(pointer);
      problem.column += bad.at + 1;  // the opening quote
      problem.message = bad.what;
      problems_.push_back(std::move(problem));
    }
  }

  /// Where a list of texts has its elements; a text alone is a list of one.
  std::vector<std::string> texts_of(const std::string& pointer) {
    const Json& value = *tree_.find(pointer);
    if (value.is_string()) return {pointer};
    std::vector<std::string> pointers;
    if (!value.is_array()) report(tree_, problems_, pointer, "a list of texts", shown(value));
    for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
      const std::string place = pointer + '/' + std::to_string(i);
      if (value[i].is_string()) {
        pointers.push_back(place);
      } else {
        report(tree_, problems_, place, "a text", shown(value[i]));
      }
    }
    return pointers;
  }

  void read_repeats(FileSection& top) {
    const auto repeats = top.whole("repeats", Unit::none, {1, static_cast<Whole>(kMostRuns)});
    if (repeats) sweep_.repeats = static_cast<unsigned>(*repeats);
    if (top.choice("seeds", {"common", "independent"}) == 1) sweep_.seeds = SeedPlan::independent;
  }

  void read_metrics(const FileSection& top) {
    if (!top.has("metrics")) return;
    for (const std::string& pointer : texts_of("/metrics"))
      sweep_.metrics.push_back(tree_.find(pointer)->get<std::string>());
  }

  void check_size() {
    if (axes_of(sweep_).size() > kMostAxes)
      report(tree_, problems_, "", "at most " + std::to_string(kMostAxes) + " axes",
             std::to_string(axes_of(sweep_).size()));
    std::size_t runs = sweep_.repeats;
    for (const Factor& factor : sweep_.factors) {
      runs *= std::max<std::size_t>(factor.levels.size(), 1);
      if (runs > kMostRuns) break;
    }
    if (runs > kMostRuns)
      report(tree_, problems_, "", "at most " + std::to_string(kMostRuns) + " runs",
             std::to_string(runs) + " or more");
  }

  SettingsTree tree_;
  std::filesystem::path path_;
  std::vector<Problem> problems_;
  SweepFile sweep_;
  AxisReader axes_;
};

}  // namespace

SweepFile read_sweep_file(const std::filesystem::path& path) {
  const std::string name = path == "-" ? "<stdin>" : path.string();
  std::vector<Problem> problems;
  auto document = parse_json(read_text_file(path), name, problems);
  if (document && !document->root.is_object())
    problems.push_back({.file = name,
                        .line = 1,
                        .column = 1,
                        .expected = "a section { ... }",
                        .found = shown(document->root)});
  if (!problems.empty()) throw InputError(std::move(problems));
  SettingsTree tree(std::move(*document), name, path == "-" ? "" : path.parent_path());
  return SweepFileReader(std::move(tree), path).read();
}

std::vector<Axis> axes_of(const SweepFile& sweep) {
  std::vector<Axis> axes;
  for (const Factor& factor : sweep.factors)
    axes.insert(axes.end(), factor.axes.begin(), factor.axes.end());
  return axes;
}

std::string_view to_string(SeedPlan seeds) {
  return seeds == SeedPlan::common ? "common" : "independent";
}

}  // namespace numasim::sweep
