#pragma once
// Choices of the generators, in whole numbers: the same on every machine.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/random.hpp"

namespace numasim::trace {

/// True in `percent` of 100 cases.
inline bool happens(Random& random, std::uint64_t percent) { return random.below(100) < percent; }

/// Uniform from half of `mean` to one and a half of it.
inline std::int64_t around(Random& random, std::int64_t mean) {
  const auto width = static_cast<std::uint64_t>(mean) + 1;
  return mean - mean / 2 + static_cast<std::int64_t>(random.below(width));
}

/// Takes a random element out of a list, whose order does not matter.
template <class Element>
Element take_any(Random& random, std::vector<Element>& list) {
  std::swap(list[random.below(list.size())], list.back());
  Element taken = std::move(list.back());
  list.pop_back();
  return taken;
}

/// The stream of random numbers of one consumer.
inline Random stream(std::uint64_t seed, std::string_view consumer) {
  return Random(stream_seed(seed, consumer));
}

}  // namespace numasim::trace
