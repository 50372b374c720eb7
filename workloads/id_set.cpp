#include "workloads/id_set.hpp"

#include <algorithm>
#include <iterator>

#include "allocator/check.hpp"

namespace numasim::trace {

IdSet::Intervals::const_iterator IdSet::containing(std::uint64_t id) const {
  auto after = end_of_.upper_bound(id);
  if (after == end_of_.begin()) return end_of_.end();
  const auto candidate = std::prev(after);
  return id < candidate->second ? candidate : end_of_.end();
}

std::uint64_t IdSet::leading_members(std::uint64_t first, std::uint64_t count) const {
  const auto interval = containing(first);
  if (interval == end_of_.end()) return 0;
  return std::min(count, interval->second - first);
}

std::uint64_t IdSet::leading_gaps(std::uint64_t first, std::uint64_t count) const {
  if (containing(first) != end_of_.end()) return 0;
  const auto next = end_of_.upper_bound(first);
  return next == end_of_.end() ? count : std::min(count, next->first - first);
}

void IdSet::add(std::uint64_t first, std::uint64_t count) {
  MM_CHECK(leading_gaps(first, count) == count, first, count);
  std::uint64_t end = first + count;
  const auto next = end_of_.find(end);
  if (next != end_of_.end()) {
    end = next->second;
    end_of_.erase(next);
  }
  const auto after = end_of_.lower_bound(first);
  if (after != end_of_.begin() && std::prev(after)->second == first) {
    std::prev(after)->second = end;
  } else {
    end_of_.emplace_hint(after, first, end);
  }
}

void IdSet::remove(std::uint64_t first, std::uint64_t count) {
  MM_CHECK(leading_members(first, count) == count, first, count);
  const auto interval = containing(first);
  const auto [begin, end] = *interval;
  end_of_.erase(interval);
  if (begin < first) end_of_.emplace(begin, first);
  if (first + count < end) end_of_.emplace(first + count, end);
}

}  // namespace numasim::trace
