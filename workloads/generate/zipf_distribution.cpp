#include "workloads/generate/zipf_distribution.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "allocator/check.hpp"

namespace numasim::trace {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr unsigned kFraction = 32;  // binary places of a logarithm
constexpr unsigned kWeightBits = 30;

constexpr std::uint64_t square_root(Wide of) {
  Wide root = 0;
  for (Wide bit = Wide{1} << 63; bit > 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= of) root += bit;
  }
  return static_cast<std::uint64_t>(root);
}

/// 2^-(1/2), 2^-(1/4), 2^-(1/8), ... with 62 binary places.
constexpr auto kRootsOfHalf = [] {
  std::array<std::uint64_t, kFraction> roots{};
  std::uint64_t latest = std::uint64_t{1} << 61;
  for (std::uint64_t& root : roots) root = latest = square_root(static_cast<Wide>(latest) << 62);
  return roots;
}();

/// Base 2, with kFraction places, rounded down. Requires: value > 0.
std::uint64_t logarithm(std::uint64_t value) {
  const auto whole = static_cast<unsigned>(std::bit_width(value)) - 1;
  Wide mantissa = static_cast<Wide>(value) << (62 - whole);  // 1 to 2, with 62 places
  std::uint64_t fraction = 0;
  for (unsigned i = 0; i < kFraction; ++i) {
    mantissa = mantissa * mantissa >> 62;
    const bool is_two = mantissa >> 63 != 0;
    fraction = fraction << 1 | (is_two ? 1 : 0);
    if (is_two) mantissa >>= 1;
  }
  return std::uint64_t{whole} << kFraction | fraction;
}

/// 2^(kWeightBits - x), x with kFraction places.
std::uint64_t power_of_half(Wide x) {
  const Wide whole = x >> kFraction;
  if (whole > kWeightBits) return 0;
  Wide value = Wide{1} << 62;
  for (unsigned i = 0; i < kFraction; ++i) {
    if (x >> (kFraction - 1 - i) & 1) value = value * kRootsOfHalf[i] >> 62;
  }
  return static_cast<std::uint64_t>(value >> (62 - kWeightBits) >> static_cast<unsigned>(whole));
}

}  // namespace

std::uint64_t zipf_weight(std::uint64_t rank, std::uint64_t skew_percent) {
  const Wide exponent = static_cast<Wide>(logarithm(rank)) * skew_percent / 100;
  return std::max<std::uint64_t>(power_of_half(exponent), 1);
}

ZipfDistribution::ZipfDistribution(std::uint64_t n, std::uint64_t skew_percent)
    : keep_below_(n), alias_(n) {
  MM_CHECK(n > 0 && n <= std::uint64_t{1} << 22, n);
  stride_ = n * 618 / 1000 + 1;
  while (std::gcd(stride_, n) != 1) ++stride_;
  for (std::uint64_t rank = 0; rank < n; ++rank) {
    const std::uint64_t weight = zipf_weight(rank + 1, skew_percent);
    total_ += weight;
    keep_below_[place_of(rank)] = weight * n;
  }
  std::vector<std::uint32_t> small, large;
  for (std::uint32_t i = 0; i < n; ++i) (keep_below_[i] < total_ ? small : large).push_back(i);
  while (!small.empty() && !large.empty()) {
    const std::uint32_t poor = small.back(), rich = large.back();
    small.pop_back();
    alias_[poor] = rich;
    keep_below_[rich] -= total_ - keep_below_[poor];
    if (keep_below_[rich] >= total_) continue;
    large.pop_back();
    small.push_back(rich);
  }
  for (std::uint32_t full : large) keep_below_[full] = total_;
}

std::uint64_t ZipfDistribution::draw(Random& random) const {
  const std::uint64_t column = random.below(keep_below_.size());
  return random.below(total_) < keep_below_[column] ? column : alias_[column];
}

}  // namespace numasim::trace
