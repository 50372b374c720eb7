#include "sim/hardware/hdd_geometry.hpp"

#include <algorithm>
#include <cmath>

#include "sim/hardware/io_request.hpp"

namespace numasim {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;
constexpr double kSecondsPerMinute = 60;

SimDuration rounded(double ns) { return SimDuration{std::llround(ns)}; }

/// The p of x^p whose mean over the distance x of two random places, 2/((p+1)(p+2)), is as given.
double exponent_with_mean(double mean) { return (std::sqrt(1 + 8 / mean) - 3) / 2; }

}  // namespace

HddGeometry::HddGeometry(const HddConfig& hdd)
    : hdd_(hdd),
      period_ns_(kSecondsPerMinute * kNanosecondsPerSecond / hdd.revolutions_per_minute),
      exponent_(1) {
  const auto span = static_cast<double>(to_ns(hdd.full_seek - hdd.track_seek));
  const auto average = static_cast<double>(to_ns(hdd.average_seek - hdd.track_seek));
  if (span > 0 && average > 0) exponent_ = exponent_with_mean(average / span);
}

double HddGeometry::place_of(std::uint64_t sector) const {
  const std::uint64_t sectors = hdd_.capacity.value / kSectorBytes;
  return static_cast<double>(sector % sectors) / static_cast<double>(sectors);
}

SimDuration HddGeometry::seek(std::uint64_t from, std::uint64_t to) const {
  if (from == to) return SimDuration{0};
  const double distance = std::abs(place_of(to) - place_of(from));
  const auto span = static_cast<double>(to_ns(hdd_.full_seek - hdd_.track_seek));
  return hdd_.track_seek + rounded(span * std::pow(distance, exponent_));
}

/// The integral of the track's time over the address: of 1/rate, which is linear.
double HddGeometry::revolutions_to(double place) const {
  const auto outer = static_cast<double>(hdd_.outer_bytes_per_second);
  const auto inner = static_cast<double>(hdd_.inner_bytes_per_second);
  const auto bytes = static_cast<double>(hdd_.capacity.value);
  const double period = period_ns_ / kNanosecondsPerSecond;
  if (outer == inner) return bytes * place / outer / period;
  const double fall = outer - inner;
  return -bytes / fall * std::log1p(-fall * place / outer) / period;
}

SimDuration HddGeometry::rotation(SimTime date, std::uint64_t sector) const {
  const double head = static_cast<double>(to_ns(date)) / period_ns_;
  const double ahead = revolutions_to(place_of(sector)) - head;
  return rounded((ahead - std::floor(ahead)) * period_ns_);
}

SimDuration HddGeometry::transfer(std::uint64_t begin, std::uint64_t end) const {
  const double from = place_of(begin);
  const auto length = static_cast<double>((end - begin) * kSectorBytes);
  const auto outer = static_cast<double>(hdd_.outer_bytes_per_second);
  const double middle = from + length / 2 / static_cast<double>(hdd_.capacity.value);
  const double rate =
      outer - (outer - static_cast<double>(hdd_.inner_bytes_per_second)) * std::min(middle, 1.0);
  return rounded(length / rate * kNanosecondsPerSecond);
}

}  // namespace numasim
