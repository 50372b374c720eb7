#include "sim/validation/variation.hpp"

#include <cmath>

namespace numasim::validation {

using namespace std::chrono_literals;

Recording Variation::applied_to(Recording recording) const {
  Parameters& parameters = recording.parameters;
  if (parameters.number("nh", 0) > 0) {
    constexpr std::int64_t kChunk = 16;
    parameters.set("hchunk", std::to_string(parameters.number("hchunk", kChunk) + hog_chunk));
    const auto rate = static_cast<double>(parameters.number("hrate", 0));
    parameters.set("hrate", std::to_string(std::llround(rate * hog_rate)));
  }
  recording.outset.uptime += settle;
  return recording;
}

std::vector<Variation> variations_of(Family family, std::size_t most) {
  const bool varies = family == Family::dirty || family == Family::atomic ||
                      family == Family::slow_operations || family == Family::swap;
  if (!varies || most <= 1) return {Variation{}};
  std::vector<Variation> all{
      {.name = "settle3", .settle = 1s},         {.name = "settle4", .settle = 2s},
      {.name = "hchunk15", .hog_chunk = -1},     {.name = "hchunk17", .hog_chunk = 1},
      {.name = "hrate3990", .hog_rate = 0.9975}, {.name = "hrate4010", .hog_rate = 1.0025},
      {.name = "samp4", .sample_jiffies = 4},    {.name = "samp6", .sample_jiffies = 6}};
  if (most < all.size()) all.resize(most);
  return all;
}

}  // namespace numasim::validation
