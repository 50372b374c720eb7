#pragma once
// The runs of a sweep, worked out before any of them starts.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/settings/load_scenario.hpp"
#include "sim/sweep/run_id.hpp"
#include "sim/sweep/sweep_file.hpp"

namespace numasim::sweep {

/// One combination of the axes' values.
struct Point {
  std::vector<SaidSetting> said;               // by axis
  std::vector<nlohmann::ordered_json> values;  // the same in the unit of the setting's key
};

struct PlannedRun {
  std::string id;          // see run_id.hpp
  std::string made_trace;  // the name of a trace that is made for it; empty: none
  std::size_t point = 0;
  unsigned repeat = 0;
  std::uint64_t seed = 0;
};

/// A sweep's design, in its order: point by point, each with its repeats.
class SweepPlan {
 public:
  /// Reads the base scenario, lays `overrides` over it and makes every point's scenario. `seed`
  /// replaces the scenario's. Throws InputError with what is wrong at any point, FileError if the
  /// base scenario cannot be read.
  SweepPlan(SweepFile sweep, const std::vector<std::string>& overrides,
            std::optional<std::uint64_t> seed);

  const SweepFile& sweep() const { return sweep_; }
  const std::vector<Axis>& axes() const { return axes_; }
  const std::vector<Point>& points() const { return points_; }
  const std::vector<PlannedRun>& runs() const { return runs_; }
  std::size_t points_left_out() const { return left_out_; }  // by a constraint

  /// The scenario of a run; its trace, if one is made for it, is made in `traces` unless it is
  /// there. Throws InputError, FileError.
  Scenario scenario_of(const PlannedRun& run, const std::filesystem::path& traces) const;

 private:
  void make_points();
  bool is_wanted(const std::vector<SaidSetting>& said, std::vector<Problem>& problems) const;
  std::vector<nlohmann::ordered_json> resolved(const Point& point, const TraceRecipe& recipe,
                                               const Scenario& scenario) const;
  std::uint64_t seed_of(const Point& point, unsigned repeat, std::uint64_t first) const;
  void plan_runs();
  void plan_point(std::size_t index, FileDigests& files);
  std::vector<SaidSetting> settings_of(const Point& point) const;

  SweepFile sweep_;
  ScenarioSource source_;
  std::optional<std::uint64_t> seed_;
  std::vector<Axis> axes_;
  std::vector<Point> points_;
  std::vector<PlannedRun> runs_;
  std::size_t left_out_ = 0;
};

}  // namespace numasim::sweep
