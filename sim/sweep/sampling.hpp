#pragma once
// Points spread over the unit cube, and numbers of an axis from them. Only integers, exact
// arithmetic and square roots, so that every machine of a cluster draws the same points.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/settings/quantity.hpp"

namespace numasim::sweep {

enum class SampleMethod {
  latin_hypercube,  // each axis is cut into as many parts as there are points: one point in each
  sobol,            // Sobol's sequence with the directions of Joe and Kuo, shifted by the seed
  random,           // independent and uniform
};

std::string_view to_string(SampleMethod method);

/// Axes that a sample may have: as many as there are directions for.
inline constexpr std::size_t kMostSampleAxes = 3667;

/// `count` points in [0, 1)^names.size(). The axes' names choose the random streams. Of `sobol` and
/// `random` a smaller count gives the first points of a larger one.
std::vector<std::vector<double>> unit_points(SampleMethod method, std::size_t count,
                                             const std::vector<std::string>& names,
                                             std::uint64_t seed);

enum class Scale { linear, logarithmic };

/// The numbers from, from + step, ... up to `to`.
struct NumberRange {
  Whole from = 0;
  Whole to = 0;  // at least from
  Whole step = 1;
  Scale scale = Scale::linear;  // logarithmic: from > 0
};

/// The number of a range at `u` in [0, 1): on a linear scale each is equally likely.
Whole number_at(const NumberRange& range, double u);

}  // namespace numasim::sweep
