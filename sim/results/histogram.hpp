#pragma once
// A log-linear histogram of non-negative integers: quantiles in constant memory, the same integers
// on every machine.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "allocator/check.hpp"

namespace numasim::results {

/// Counts values exactly below 256 and in buckets at most 1/256 of the value wide above.
class Histogram {
 public:
  void add(std::int64_t value) {
    MM_CHECK(value >= 0, "value", value);
    const std::size_t bucket = bucket_of(static_cast<std::uint64_t>(value));
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
  }

  /// Adds all that another one counted.
  void add(const Histogram& other) {
    if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
    for (std::size_t bucket = 0; bucket < other.counts_.size(); ++bucket)
      counts_[bucket] += other.counts_[bucket];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
  }

  /// Calls `see(largest, count)` for each bucket that is not empty, in ascending order; `largest`
  /// is the largest value that can be in it, or the maximum if that is smaller.
  template <class See>
  void for_each(const See& see) const {
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket)
      if (counts_[bucket] > 0) see(std::min(largest_in(bucket), max_), counts_[bucket]);
  }

  std::int64_t count() const { return count_; }
  std::int64_t sum() const { return sum_; }
  std::int64_t max() const { return max_; }

  /// A bound no smaller than the value of rank ceil(count * per_mille / 1000), and larger by less
  /// than 1/256 of it; exact for the maximum. 0 when nothing was added.
  std::int64_t quantile(int per_mille) const {
    MM_CHECK(per_mille > 0 && per_mille <= 1000, "per_mille", per_mille);
    const std::int64_t rank = count_ / 1000 * per_mille + (count_ % 1000 * per_mille + 999) / 1000;
    std::int64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= rank) return std::min(largest_in(bucket), max_);
    }
    return 0;
  }

 private:
  static constexpr unsigned kSubBits = 8;
  static constexpr std::uint64_t kSubBuckets = std::uint64_t{1} << kSubBits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kSubBuckets) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
    return (shift + 1) * kSubBuckets + ((value >> shift) - kSubBuckets);
  }

  static std::int64_t largest_in(std::size_t bucket) {
    if (bucket < kSubBuckets) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = bucket / kSubBuckets - 1;
    const std::uint64_t first = (kSubBuckets + bucket % kSubBuckets) << shift;
    return static_cast<std::int64_t>(first + (std::uint64_t{1} << shift) - 1);
  }

  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace numasim::results
