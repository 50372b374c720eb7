#pragma once
// Which of n things is asked for, when a few are asked for most of the time.

#include <cstdint>
#include <vector>

#include "allocator/random.hpp"

namespace numasim::trace {

/// The weight of rank 1, 2, ...: rank^-(skew_percent/100), as a whole number with 2^30 for rank 1
/// and at least 1. Shifts, multiplications and whole square roots only: no mathematical library,
/// whose last digits differ between machines.
std::uint64_t zipf_weight(std::uint64_t rank, std::uint64_t skew_percent);

/// Draws 0 to n-1 in proportion to the Zipf weights of their ranks, by Walker's alias method
/// (Vose 1991) in whole numbers. The ranks are scattered over 0 to n-1: neighbours are not equally
/// popular. Memory: 12 bytes for each.
class ZipfDistribution {
 public:
  /// Requires: 0 < n <= 2^22.
  ZipfDistribution(std::uint64_t n, std::uint64_t skew_percent);

  std::uint64_t draw(Random& random) const;
  /// Where rank 0 (the most popular), 1, ... lies.
  std::uint64_t place_of(std::uint64_t rank) const { return rank * stride_ % keep_below_.size(); }

 private:
  std::uint64_t stride_ = 1;  // without a common divisor with n: every place has one rank
  std::uint64_t total_ = 0;   // of all weights, the measure of keep_below_
  std::vector<std::uint64_t> keep_below_;
  std::vector<std::uint32_t> alias_;
};

}  // namespace numasim::trace
