#include "sim/sweep/size_answer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <utility>

namespace numasim::sweep {
namespace {

using Json = nlohmann::ordered_json;

/// Thrown through the search when a signal ends it; never leaves this file.
struct Interrupted {};

std::int64_t value_of(const SweepPlan& plan, std::size_t point) {
  return plan.points()[point].values.front().get<std::int64_t>();
}

void check_question(const SweepPlan& plan) {
  const auto fail = [&plan](const std::string& expected, const std::string& found,
                            const std::string& hint) {
    const SettingSource source = plan.axes().empty() ? SettingSource{} : plan.axes().front().source;
    throw InputError(Problem{.file = source.file.empty() ? plan.sweep().name : source.file,
                             .line = source.value.line,
                             .column = source.value.column,
                             .expected = expected,
                             .found = found,
                             .hint = hint});
  };
  if (!plan.sweep().size)
    fail("\"size\": {\"setting\", \"values\", \"metric\", \"at_most\"}", "none",
         "numasim sweep runs a sweep that asks no question");
  if (plan.points().empty()) fail("values to search among", "none", "");
  for (std::size_t point = 1; point < plan.points().size(); ++point)
    if (value_of(plan, point) <= value_of(plan, point - 1))
      fail("values that grow",
           std::to_string(value_of(plan, point)) + " after " +
               std::to_string(value_of(plan, point - 1)),
           "");
}

/// The metric of one finished run.
std::int64_t metric_of(const SizeQuestion& question, const SweepDirectory& directory,
                       const std::string& id) {
  const auto file = directory.run(id) / "summary.json";
  const Metrics metrics = metrics_of(read_summary(file));
  std::vector<std::string_view> names;
  for (const auto& [name, value] : metrics) {
    if (name == question.metric) return value;
    names.push_back(name);
  }
  std::string hint = did_you_mean(question.metric, names);
  throw InputError(Problem{.file = file.string(),
                           .message = "no metric " + question.metric,
                           .hint = hint.empty() ? "stats.txt beside it lists them" : hint});
}

/// Runs a point and judges its runs. Equal scenarios are one run, which counts once.
class Trial {
 public:
  Trial(const SweepPlan& plan, SweepOptions options, const SweepCallbacks& callbacks)
      : plan_(plan), options_(std::move(options)), callbacks_(callbacks) {}

  Evidence of(std::size_t point) {
    options_.only_point = point;
    const SweepResult result = run_sweep(plan_, options_, callbacks_);
    if (result.interrupted) throw Interrupted{};
    if (options_.earlier == Earlier::refuse) options_.earlier = Earlier::resume;  // it is ours now

    const SweepDirectory directory(options_.out);
    std::set<std::string_view> seen;
    std::vector<std::int64_t> values;
    std::size_t failed = 0;
    for (const PlannedRun& run : plan_.runs()) {
      if (run.point != point || !seen.insert(run.id).second) continue;
      if (directory.state_of(run.id) == RunState::ok) {
        values.push_back(metric_of(*plan_.sweep().size, directory, run.id));
      } else {
        ++failed;
      }
    }
    return judge(*plan_.sweep().size, std::move(values), failed);
  }

 private:
  const SweepPlan& plan_;
  SweepOptions options_;
  const SweepCallbacks& callbacks_;
};

/// "99", "99.9", "1.45".
std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", share * 100);
  std::string shown = text;
  while (shown.back() == '0') shown.pop_back();
  if (shown.back() == '.') shown.pop_back();
  return shown + " %";
}

/// Bounds are never made to look better by rounding.
std::string percent_up(double share) { return percent(std::ceil(share * 10000) / 10000); }

std::string how_it_did(const SizeQuestion& question, const Evidence& evidence) {
  std::string text = std::to_string(evidence.exceeding) + " of " + std::to_string(evidence.seeds) +
                     " seeds have " + question.metric + " > " + std::to_string(question.at_most);
  if (evidence.failed_runs > 0)
    text += " (" + std::to_string(evidence.failed_runs) + " of them failed to run)";
  return text;
}

std::string how_sure(const SizeQuestion& question, const Evidence& evidence, std::size_t tried) {
  const std::size_t needed = seeds_needed(question.quantile, question.confidence);
  const double corrected = 1 - (1 - question.confidence) / static_cast<double>(tried);
  std::string text = "With " + percent(question.confidence) + " confidence at most " +
                     percent_up(evidence.share_upper) + " of all seeds exceed it";
  if (evidence.seeds < needed) {
    return text + ", which is more than the " + percent(1 - question.quantile) +
           " allowed: this is an estimate.\nTo show it takes at least " + std::to_string(needed) +
           " seeds (\"repeats\"), none of which exceeds it.\n";
  }
  return text + " (" + percent_up(share_upper(evidence.seeds, evidence.exceeding, corrected)) +
         " allowing for the " + std::to_string(tried) + " values tried);\n" +
         percent(1 - question.quantile) + " are allowed.\n";
}

std::string question_text(const SizeQuestion& question) {
  return question.metric + " <= " + std::to_string(question.at_most) + " in " +
         percent(question.quantile) + " of the seeds";
}

/// The tried values that meet the limit although a larger one does not.
std::string not_monotone(const SweepPlan& plan, const SizeAnswer& answer) {
  std::string better, worse;
  const auto& tried = answer.search.tried;
  for (auto at = tried.begin(); at != tried.end(); ++at) {
    const bool worse_later =
        std::any_of(std::next(at), tried.end(), [](const auto& later) { return !later.second; });
    if (at->second && worse_later) better += ' ' + std::to_string(value_of(plan, at->first));
    const bool better_before =
        std::any_of(tried.begin(), at, [](const auto& before) { return before.second; });
    if (!at->second && better_before) worse += ' ' + std::to_string(value_of(plan, at->first));
  }
  return "It is not monotone:" + better + " will do although the larger" + worse +
         " will not;\n--all tries every value.\n";
}

Json number_or_null(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json();
}

Json evidence_json(const SweepPlan& plan, std::size_t point, const Evidence& evidence) {
  return {{"value", value_of(plan, point)},
          {"verdict", to_string(evidence.verdict)},
          {"seeds", evidence.seeds},
          {"exceeding", evidence.exceeding},
          {"failed_runs", evidence.failed_runs},
          {"share_lower", evidence.share_lower},
          {"share_upper", evidence.share_upper},
          {"median", number_or_null(evidence.median)},
          {"quantile", number_or_null(evidence.quantile)},
          {"quantile_upper", number_or_null(evidence.quantile_upper)},
          {"largest", number_or_null(evidence.largest)}};
}

}  // namespace

SizeAnswer find_size(const SweepPlan& plan, const SweepOptions& options, SizeMethod method,
                     const SweepCallbacks& callbacks) {
  check_question(plan);
  SizeAnswer answer;
  Trial trial(plan, options, callbacks);
  const auto meets = [&](std::size_t point) {
    if (!answer.evidence.contains(point)) answer.evidence[point] = trial.of(point);
    return answer.evidence.at(point).verdict == Verdict::meets;
  };
  try {
    answer.search = method == SizeMethod::bisection ? find_smallest(plan.points().size(), meets)
                                                    : try_all(plan.points().size(), meets);
  } catch (const Interrupted&) {
    answer.interrupted = true;
  }
  return answer;
}

std::string size_text(const SweepPlan& plan, const SizeAnswer& answer) {
  const SizeQuestion& question = *plan.sweep().size;
  const auto& tried = answer.search.tried;
  std::string text;
  if (!answer.search.answer) {
    const std::size_t last = plan.points().size() - 1;
    text = "No value of " + question.setting + " up to " + std::to_string(value_of(plan, last)) +
           " has " + question_text(question) + ".\n" + "At " +
           std::to_string(value_of(plan, last)) + ' ' +
           how_it_did(question, answer.evidence.at(last)) + ".\n";
    return answer.search.monotone ? text : text + not_monotone(plan, answer);
  }
  const std::size_t found = *answer.search.answer;
  const Evidence& evidence = answer.evidence.at(found);
  text = question.setting + " = " + std::to_string(value_of(plan, found)) + " is the smallest of " +
         std::to_string(plan.points().size()) + " values (" + std::to_string(value_of(plan, 0)) +
         ".." + std::to_string(value_of(plan, plan.points().size() - 1)) + ") with " +
         question_text(question) + ".\nThere " + how_it_did(question, evidence) + ".\n" +
         how_sure(question, evidence, tried.size());
  const auto below = found > 0 ? answer.evidence.find(found - 1) : answer.evidence.end();
  if (below != answer.evidence.end())
    text += "Below it, at " + std::to_string(value_of(plan, found - 1)) + ", " +
            how_it_did(question, below->second) +
            (below->second.verdict == Verdict::undecided ? ": too close to tell, more seeds would"
                                                         : "") +
            ".\n";
  if (found == 0)
    text += "It is the smallest value of the question: smaller ones may do as well.\n";
  return answer.search.monotone ? text : text + not_monotone(plan, answer);
}

Json size_json(const SweepPlan& plan, const SizeAnswer& answer) {
  const SizeQuestion& question = *plan.sweep().size;
  Json tried = Json::array();
  for (const auto& [point, evidence] : answer.evidence)
    tried.push_back(evidence_json(plan, point, evidence));
  const auto found = answer.search.answer;
  return {
      {"numasim_size", 1},
      {"name", plan.sweep().name},
      {"setting", question.setting},
      {"metric", question.metric},
      {"at_most", question.at_most},
      {"quantile", question.quantile},
      {"confidence", question.confidence},
      {"seeds_needed", seeds_needed(question.quantile, question.confidence)},
      {"answer", found ? Json(value_of(plan, *found)) : Json()},
      {"shown", found && answer.evidence.at(*found).share_upper <= 1 - question.quantile + 1e-12},
      {"monotone", answer.search.monotone},
      {"tried", tried}};
}

std::string size_csv(const SweepPlan& plan, const SizeAnswer& answer) {
  const SizeQuestion& question = *plan.sweep().size;
  const std::string& metric = question.metric;
  std::string text = csv_field(question.setting) +
                     ",verdict,seeds,exceeding_seeds,failed_runs,exceeding_share_lower,"
                     "exceeding_share_upper," +
                     csv_field("median." + metric) + ',' + csv_field("quantile." + metric) + ',' +
                     csv_field("quantile_upper." + metric) + ',' + csv_field("largest." + metric) +
                     '\n';
  for (const auto& [point, evidence] : answer.evidence) {
    char shares[64];
    std::snprintf(shares, sizeof shares, "%.6f,%.6f", evidence.share_lower, evidence.share_upper);
    text += std::to_string(value_of(plan, point)) + ',' + std::string(to_string(evidence.verdict)) +
            ',' + std::to_string(evidence.seeds) + ',' + std::to_string(evidence.exceeding) + ',' +
            std::to_string(evidence.failed_runs) + ',' + shares;
    for (const auto& number :
         {evidence.median, evidence.quantile, evidence.quantile_upper, evidence.largest})
      text += ',' + std::to_string(number.value_or(-1));
    text += '\n';
  }
  return text;
}

}  // namespace numasim::sweep
