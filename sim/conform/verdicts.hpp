#pragma once
// What became of the cases: counts, and the first differing step of each failing one.

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "sim/conform/recording.hpp"

namespace numasim::conform {

/// Where the core and a recording part.
struct Difference {
  std::string at;  // which step, which value: "op 417", "/zones/0/min"
  Json expected;
  Json actual;
  std::string context;  // what led there; may be empty
};

/// The first value in which `actual` differs from `expected`, objects being compared by the keys
/// of `expected`, in its order. `at` of the result is a JSON pointer below `pointer`.
std::optional<Difference> first_difference(const Json& expected, const Json& actual,
                                           const std::string& pointer = {});

/// Which cases are wanted and how long to go on.
struct Selection {
  std::optional<std::string> family;
  std::optional<std::string> case_name;
  std::optional<std::int64_t> stop_after;  // failed cases
};

class Verdicts {
 public:
  Verdicts(Selection selection, std::ostream& out) : selection_(std::move(selection)), out_(out) {}

  bool wants_family(const std::string& family) const {
    return !selection_.family || *selection_.family == family;
  }
  bool wants(const std::string& case_name) const {
    return !selection_.case_name || *selection_.case_name == case_name;
  }
  /// True once as many cases failed as the user wants to see.
  bool enough() const { return selection_.stop_after && failed_ >= *selection_.stop_after; }

  void passed() { ++passed_; }
  /// Counts a failed case and prints its difference; `where` is "file:line".
  void failed(const std::string& where, const std::string& case_name, const Difference& difference);
  /// Counts by whether there is a difference.
  void judge(const std::string& where, const std::string& case_name,
             const std::optional<Difference>& difference);

  /// Says something about a case beside its verdict.
  void note(const std::string& text) { out_ << text << '\n'; }

  std::int64_t passes() const { return passed_; }
  std::int64_t failures() const { return failed_; }

 private:
  Selection selection_;
  std::ostream& out_;
  std::int64_t passed_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace numasim::conform
