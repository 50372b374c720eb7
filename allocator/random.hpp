#pragma once
// The one random generator: the same numbers everywhere, one stream for each named consumer.

#include <cstdint>
#include <string_view>

namespace numasim {

/// SplitMix64 (Steele, Lea, Flood 2014). Small, and good enough for choices in a simulation.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, below). Requires: below > 0.
  std::uint64_t below(std::uint64_t below) { return next() % below; }

 private:
  std::uint64_t state_;
};

/// Seed of the stream that belongs to a consumer, "task/3" (FNV-1a over its name).
constexpr std::uint64_t stream_seed(std::uint64_t seed, std::string_view consumer) {
  std::uint64_t hash = 14695981039346656037u ^ seed;
  for (const char c : consumer) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

}  // namespace numasim
