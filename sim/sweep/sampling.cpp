#include "sim/sweep/sampling.hpp"

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <numeric>
#include <utility>

#include "allocator/random.hpp"

namespace numasim::sweep {
namespace {

using Points = std::vector<std::vector<double>>;

constexpr int kBitsOfDouble = 53;

/// In [0, 1): the upper 53 bits.
double fraction(std::uint64_t bits) {
  return static_cast<double>(bits >> (64 - kBitsOfDouble)) /
         static_cast<double>(std::uint64_t{1} << kBitsOfDouble);
}

Random stream(SampleMethod method, std::uint64_t seed, const std::string& axis) {
  return Random(stream_seed(seed, std::string(to_string(method)) + '/' + axis));
}

/// Fisher and Yates.
std::vector<std::size_t> permutation(std::size_t count, Random& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

void fill_latin(Points& points, std::size_t axis, Random random) {
  const std::vector<std::size_t> part = permutation(points.size(), random);
  const auto parts = static_cast<double>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i][axis] = (static_cast<double>(part[i]) + fraction(random.next())) / parts;
}

/// The shift (exclusive or, bit by bit) keeps what makes the sequence even, and tells seeds apart.
void fill_sobol(Points& points, const std::vector<std::string>& names, std::uint64_t seed) {
  boost::random::sobol sequence(names.size());
  std::vector<std::uint64_t> shift;
  for (const std::string& name : names)
    shift.push_back(stream(SampleMethod::sobol, seed, name).next());
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t axis = 0; axis < names.size(); ++axis)
      points[i][axis] = fraction(sequence() ^ shift[axis]);
}

/// `from` times (to/from)^u by halving the interval geometrically: pow() differs between machines.
double geometric(double from, double to, double u) {
  for (int bit = 0; bit < kBitsOfDouble; ++bit) {
    const double middle = std::sqrt(from) * std::sqrt(to);
    u *= 2;
    if (u >= 1) {
      from = middle;
      u -= 1;
    } else {
      to = middle;
    }
  }
  return from;
}

}  // namespace

std::string_view to_string(SampleMethod method) {
  switch (method) {
    case SampleMethod::latin_hypercube:
      return "latin_hypercube";
    case SampleMethod::sobol:
      return "sobol";
    case SampleMethod::random:
      break;
  }
  return "random";
}

Points unit_points(SampleMethod method, std::size_t count, const std::vector<std::string>& names,
                   std::uint64_t seed) {
  Points points(count, std::vector<double>(names.size()));
  if (names.empty()) return points;
  if (method == SampleMethod::sobol) {
    fill_sobol(points, names, seed);
    return points;
  }
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    Random random = stream(method, seed, names[axis]);
    if (method == SampleMethod::latin_hypercube) {
      fill_latin(points, axis, random);
    } else {
      for (auto& point : points) point[axis] = fraction(random.next());
    }
  }
  return points;
}

Whole number_at(const NumberRange& range, double u) {
  const Whole steps = (range.to - range.from) / range.step;
  if (range.scale == Scale::linear) {
    const auto k = static_cast<Whole>(u * static_cast<double>(steps + 1));
    return range.from + std::min(k, steps) * range.step;
  }
  const auto from = static_cast<double>(range.from);
  const double x = geometric(from, static_cast<double>(range.from + steps * range.step), u);
  const auto k = static_cast<Whole>((x - from) / static_cast<double>(range.step) + 0.5);
  return range.from + std::clamp(k, Whole{0}, steps) * range.step;
}

}  // namespace numasim::sweep
