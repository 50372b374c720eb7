#pragma once
// Sizing: the smallest value of a setting for which a metric stays within a limit in all but a
// small share of the seeds, and how sure one may be of that.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace numasim::sweep {

/// What a sweep file asks for under "size".
struct SizeQuestion {
  std::string setting;  // the path that is searched for; its values go from small to large
  std::string metric;   // by its name in stats.txt
  std::int64_t at_most = 0;
  double quantile = 0.99;  // of the seeds, this share must not exceed at_most
  double confidence = 0.95;
};

/// How a value of the setting did.
enum class Verdict {
  meets,      // the metric stays within the limit
  exceeds,    // it does not
  undecided,  // the seeds are too few to show either; the search counts it as not meeting
};

std::string_view to_string(Verdict verdict);

/// What the seeds tell about one value of the setting.
struct Evidence {
  std::size_t seeds = 0;
  std::size_t exceeding = 0;  // runs beyond the limit; those that failed are among them
  std::size_t failed_runs = 0;
  double share_lower = 0;  // one-sided bounds on the share of all seeds that exceed
  double share_upper = 1;  // (Clopper and Pearson), each with the question's confidence
  std::optional<std::int64_t> median;
  std::optional<std::int64_t> quantile;        // of the sample; failed runs count as infinite
  std::optional<std::int64_t> quantile_upper;  // bound on that of all seeds, by order statistics
  std::optional<std::int64_t> largest;
  Verdict verdict = Verdict::undecided;
};

/// Judges a sample: `values` of the runs that came to their end, and how many did not. With fewer
/// seeds than seeds_needed() nothing can be shown; the sample's quantile decides then. Requires: at
/// least one run.
Evidence judge(const SizeQuestion& question, std::vector<std::int64_t> values,
               std::size_t failed_runs);

/// Seeds that it takes to show that a value meets the limit, if none of them exceeds it.
std::size_t seeds_needed(double quantile, double confidence);

/// The bound on the share of exceeding seeds at another confidence.
double share_upper(std::size_t seeds, std::size_t exceeding, double confidence);

/// What a search among values 0..count-1 found.
struct SizeSearch {
  std::optional<std::size_t> answer;  // from here on every value tried meets the limit
  bool monotone = true;               // no value tried meets it while a larger one does not
  std::map<std::size_t, bool> tried;  // whether each meets it
};

/// Bisects, then tries the answer's neighbours, two above and one more below; what does not fit is
/// searched again above the largest value that does not meet. Requires: count > 0.
SizeSearch find_smallest(std::size_t count, const std::function<bool(std::size_t)>& meets);

/// The same by trying every value.
SizeSearch try_all(std::size_t count, const std::function<bool(std::size_t)>& meets);

}  // namespace numasim::sweep
