#include "workloads/input_error.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "allocator/check.hpp"

namespace numasim {
namespace {

std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += to_string(problem);
  }
  return text;
}

/// Number of letters to insert, delete, replace or swap with a neighbour to make `a` from `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last, row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line != 0) text += ':' + std::to_string(problem.line);
  if (problem.line != 0 && problem.column != 0) text += ':' + std::to_string(problem.column);
  if (!text.empty()) text += ": ";
  if (!problem.pointer.empty()) text += problem.pointer + ": ";
  text += problem.message;
  if (!problem.expected.empty()) {
    if (!problem.message.empty()) text += ": ";
    text += "expected " + problem.expected;
    if (!problem.found.empty()) text += ", found " + problem.found;
  } else if (!problem.found.empty()) {
    text += (problem.message.empty() ? "found " : ": found ") + problem.found;
  }
  if (!problem.hint.empty()) text += "; " + problem.hint;
  return text;
}

InputError::InputError(Problem problem) : InputError(std::vector<Problem>{std::move(problem)}) {}

InputError::InputError(std::vector<Problem> problems)
    : std::runtime_error(joined(problems)), problems_(std::move(problems)) {
  MM_CHECK(!problems_.empty());
}

FileError::FileError(const std::string& file, const std::string& what)
    : InputError(Problem{.file = file, .message = what}) {}

std::optional<std::string_view> closest(std::string_view word,
                                        const std::vector<std::string_view>& candidates) {
  // One slip for a short word, one in three letters for a long one.
  std::size_t fewest_slips = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::optional<std::string_view> best;
  for (std::string_view candidate : candidates) {
    const std::size_t slips = edit_distance(word, candidate);
    if (slips >= fewest_slips) continue;
    fewest_slips = slips;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto best = closest(word, candidates);
  return best ? "did you mean " + std::string(*best) + "?" : std::string();
}

}  // namespace numasim
