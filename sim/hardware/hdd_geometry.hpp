#pragma once
// Where the sectors of a disk lie and how long the way to them is. Pure functions of the settings.

#include <cstdint>

#include "sim/disk_config.hpp"

namespace numasim {

/// Tracks are read from the outer edge inwards, at a rate that falls linearly with the address; the
/// angle of a sector is what is left of the revolutions it takes to read all before it.
class HddGeometry {
 public:
  explicit HddGeometry(const HddConfig& hdd);

  /// Time of the arm between two sectors' tracks; 0 to where it stands. track_seek plus a power
  /// of the distance, such that the mean over random pairs and the longest are as set.
  SimDuration seek(std::uint64_t from, std::uint64_t to) const;
  /// Until `sector` comes by, for a head over its track at `date`.
  SimDuration rotation(SimTime date, std::uint64_t sector) const;
  /// Time of the sectors under the head.
  SimDuration transfer(std::uint64_t begin, std::uint64_t end) const;

  SimDuration revolution() const { return SimDuration{static_cast<std::int64_t>(period_ns_)}; }

 private:
  double place_of(std::uint64_t sector) const;  // 0 outer edge, 1 inner
  double revolutions_to(double place) const;

  HddConfig hdd_;
  double period_ns_;
  double exponent_;
};

}  // namespace numasim
