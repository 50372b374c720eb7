#pragma once
// A set of numbers kept as intervals: ids are mostly given out one after the other, so that a
// million of them are a handful of intervals.

#include <cstdint>
#include <map>

namespace numasim::trace {

class IdSet {
 public:
  /// How many of first, first + 1, ... (count of them) are in the set, from the first on, before
  /// one is not.
  std::uint64_t leading_members(std::uint64_t first, std::uint64_t count) const;
  /// How many of them are not, before one is.
  std::uint64_t leading_gaps(std::uint64_t first, std::uint64_t count) const;
  bool contains(std::uint64_t id) const { return leading_members(id, 1) == 1; }

  /// Requires: none of them is in the set.
  void add(std::uint64_t first, std::uint64_t count);
  /// Requires: all of them are in the set.
  void remove(std::uint64_t first, std::uint64_t count);

  std::size_t intervals() const { return end_of_.size(); }

 private:
  using Intervals = std::map<std::uint64_t, std::uint64_t>;  // first id -> one past the last
  Intervals::const_iterator containing(std::uint64_t id) const;

  Intervals end_of_;
};

}  // namespace numasim::trace
