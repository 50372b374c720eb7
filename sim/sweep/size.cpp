#include "sim/sweep/size.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <utility>

#include "allocator/check.hpp"

namespace numasim::sweep {
namespace {

using Binomial = boost::math::binomial_distribution<double>;

double share_lower(std::size_t seeds, std::size_t exceeding, double confidence) {
  if (exceeding == 0) return 0;
  return Binomial::find_lower_bound_on_p(static_cast<double>(seeds), static_cast<double>(exceeding),
                                         1 - confidence);
}

/// Of `seeds` runs the rank-th smallest (from 1); failed runs stand at the end.
std::optional<std::int64_t> at_rank(const std::vector<std::int64_t>& sorted, std::size_t rank) {
  if (rank < 1 || rank > sorted.size()) return std::nullopt;
  return sorted[rank - 1];
}

/// The smallest rank at which at least a share `quantile` of the sample lies.
std::size_t rank_of(double quantile, std::size_t seeds) {
  const double exact = quantile * static_cast<double>(seeds);
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(exact - 1e-9)));
}

/// The smallest rank whose value is at least the quantile of all seeds, with `confidence`; beyond
/// `seeds` if there is none.
std::size_t upper_rank(double quantile, double confidence, std::size_t seeds) {
  const Binomial below(static_cast<double>(seeds), quantile);
  std::size_t low = 1, high = seeds + 1;  // the distribution function grows with the rank
  while (low < high) {
    const std::size_t rank = low + (high - low) / 2;
    if (boost::math::cdf(below, static_cast<double>(rank - 1)) >= confidence) {
      high = rank;
    } else {
      low = rank + 1;
    }
  }
  return low;
}

Verdict verdict_of(const SizeQuestion& question, const Evidence& evidence) {
  const double allowed = 1 - question.quantile;
  if (evidence.seeds < seeds_needed(question.quantile, question.confidence)) {
    const std::size_t within = evidence.seeds - evidence.exceeding;
    return within >= rank_of(question.quantile, evidence.seeds) ? Verdict::meets : Verdict::exceeds;
  }
  constexpr double rounding = 1e-12;
  if (evidence.share_upper <= allowed + rounding) return Verdict::meets;
  return evidence.share_lower > allowed ? Verdict::exceeds : Verdict::undecided;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::meets:
      return "meets";
    case Verdict::exceeds:
      return "exceeds";
    case Verdict::undecided:
      break;
  }
  return "undecided";
}

double share_upper(std::size_t seeds, std::size_t exceeding, double confidence) {
  if (exceeding >= seeds) return 1;
  return Binomial::find_upper_bound_on_p(static_cast<double>(seeds), static_cast<double>(exceeding),
                                         1 - confidence);
}

std::size_t seeds_needed(double quantile, double confidence) {
  const double exact = std::log(1 - confidence) / std::log(quantile);
  return static_cast<std::size_t>(std::ceil(exact - 1e-9));
}

Evidence judge(const SizeQuestion& question, std::vector<std::int64_t> values,
               std::size_t failed_runs) {
  MM_CHECK(!values.empty() || failed_runs > 0, "no runs of", question.setting);
  std::ranges::sort(values);
  Evidence evidence;
  evidence.seeds = values.size() + failed_runs;
  evidence.failed_runs = failed_runs;
  const auto within = std::ranges::upper_bound(values, question.at_most) - values.begin();
  evidence.exceeding = evidence.seeds - static_cast<std::size_t>(within);
  evidence.share_lower = share_lower(evidence.seeds, evidence.exceeding, question.confidence);
  evidence.share_upper = share_upper(evidence.seeds, evidence.exceeding, question.confidence);
  evidence.median = at_rank(values, rank_of(0.5, evidence.seeds));
  evidence.quantile = at_rank(values, rank_of(question.quantile, evidence.seeds));
  evidence.quantile_upper =
      at_rank(values, upper_rank(question.quantile, question.confidence, evidence.seeds));
  evidence.largest = at_rank(values, evidence.seeds);
  evidence.verdict = verdict_of(question, evidence);
  return evidence;
}

namespace {

/// One search: what was tried, and the answers.
class Search {
 public:
  Search(std::size_t count, const std::function<bool(std::size_t)>& meets)
      : count_(count), meets_(meets) {}

  SizeSearch all() {
    for (std::size_t i = 0; i < count_; ++i) meets(i);
    if (!meets(count_ - 1)) return result(std::nullopt);
    return result(smallest_from_which_all_meet());
  }

  SizeSearch run() {
    if (!meets(count_ - 1)) {
      meets(0);
      return result(std::nullopt);
    }
    if (!meets(0)) bisect(0, count_ - 1);
    for (;;) {
      const std::size_t answer = smallest_from_which_all_meet();
      try_around(answer);
      if (smallest_from_which_all_meet() == answer) return result(answer);
      bisect_below(smallest_from_which_all_meet());
    }
  }

 private:
  bool meets(std::size_t i) {
    const auto [entry, is_new] = tried_.try_emplace(i);
    if (is_new) entry->second = meets_(i);
    return entry->second;
  }

  void bisect(std::size_t below, std::size_t above) {
    while (above - below > 1) {
      const std::size_t middle = below + (above - below) / 2;
      (meets(middle) ? above : below) = middle;
    }
  }

  /// Between a value that meets and the value tried below it, which does not.
  void bisect_below(std::size_t above) {
    auto below = tried_.find(above);
    if (below == tried_.begin()) return;
    bisect((--below)->first, above);
  }

  void try_around(std::size_t answer) {
    for (const std::size_t i : {answer + 1, answer + 2})
      if (i < count_) meets(i);
    for (const std::size_t back : {1U, 2U})
      if (answer >= back) meets(answer - back);
  }

  std::size_t smallest_from_which_all_meet() const {
    std::size_t answer = count_ - 1;
    for (auto at = tried_.rbegin(); at != tried_.rend() && at->second; ++at) answer = at->first;
    return answer;
  }

  SizeSearch result(std::optional<std::size_t> answer) const {
    bool met = false, monotone = true;
    for (const auto& [value, meets] : tried_) {
      if (met && !meets) monotone = false;
      met = met || meets;
    }
    return {answer, monotone, tried_};
  }

  std::size_t count_;
  const std::function<bool(std::size_t)>& meets_;
  std::map<std::size_t, bool> tried_;
};

}  // namespace

SizeSearch find_smallest(std::size_t count, const std::function<bool(std::size_t)>& meets) {
  MM_CHECK(count > 0, "count", count);
  return Search(count, meets).run();
}

SizeSearch try_all(std::size_t count, const std::function<bool(std::size_t)>& meets) {
  MM_CHECK(count > 0, "count", count);
  return Search(count, meets).all();
}

}  // namespace numasim::sweep
