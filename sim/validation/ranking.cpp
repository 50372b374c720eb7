#include "sim/validation/ranking.hpp"

#include <cmath>
#include <map>
#include <set>
#include <string>

namespace numasim::validation {
namespace {

/// Recorded values nearer to each other than this share differ by chance as much as by cause.
constexpr double kClearly = 0.3;

struct Pairs {
  int all = 0;
  int in_order = 0;
};

void compare(const Verdict& a, const Verdict& b, Pairs& pairs) {
  const double larger = std::max(std::abs(*a.recorded), std::abs(*b.recorded));
  const double difference = *a.recorded - *b.recorded;
  if (larger == 0 || std::abs(difference) < kClearly * larger) return;
  ++pairs.all;
  if (difference * (*a.simulated - *b.simulated) > 0) ++pairs.in_order;
}

}  // namespace

void add_rankings(const std::vector<Case>& cases, std::vector<Verdict>& verdicts) {
  std::set<std::string> labels;
  for (const Case& each : cases)
    if (family_of(each.recording.parameters) == Family::dirty) labels.insert(each.label);
  std::vector<std::string> quantities;
  std::map<std::string, std::vector<const Verdict*>> by_quantity;
  for (const Verdict& verdict : verdicts) {
    if (!labels.contains(verdict.scenario) || !verdict.recorded || !verdict.simulated) continue;
    auto& same = by_quantity[verdict.quantity];
    if (same.empty()) quantities.push_back(verdict.quantity);
    same.push_back(&verdict);
  }
  std::vector<Verdict> rankings;
  for (const std::string& quantity : quantities) {
    const std::vector<const Verdict*>& same = by_quantity[quantity];
    Pairs pairs;
    for (std::size_t i = 0; i < same.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) compare(*same[i], *same[j], pairs);
    if (pairs.all == 0) continue;
    rankings.push_back({.scenario = "ranking",
                        .quantity = quantity + ": pairs in the recorded order",
                        .recorded = pairs.all,
                        .simulated = pairs.in_order,
                        .error = std::to_string(pairs.in_order - pairs.all),
                        .target = "all",
                        .passed = pairs.in_order == pairs.all});
  }
  verdicts.insert(verdicts.end(), rankings.begin(), rankings.end());
}

}  // namespace numasim::validation
