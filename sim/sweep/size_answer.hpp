#pragma once
// The answer to a sizing question, from a plan whose one axis is the setting that is searched for.

#include <map>
#include <optional>
#include <string>

#include "sim/sweep/size.hpp"
#include "sim/sweep/sweep.hpp"

namespace numasim::sweep {

struct SizeAnswer {
  SizeSearch search;
  std::map<std::size_t, Evidence> evidence;  // by point, of those that were tried
  bool interrupted = false;
};

enum class SizeMethod { bisection, every_value };

/// Runs the points that the search asks for. Throws as run_sweep does, and InputError when the plan
/// is no sizing question, its values do not grow, or no run has the metric.
SizeAnswer find_size(const SweepPlan& plan, const SweepOptions& options, SizeMethod method,
                     const SweepCallbacks& callbacks);

/// The answer for people.
std::string size_text(const SweepPlan& plan, const SizeAnswer& answer);
/// The same for programs; also answer.json.
nlohmann::ordered_json size_json(const SweepPlan& plan, const SizeAnswer& answer);
/// What was tried, a row each by growing value: size.csv, to be plotted.
std::string size_csv(const SweepPlan& plan, const SizeAnswer& answer);

}  // namespace numasim::sweep
