#pragma once
// A sweep as its file says it: a scenario, what is varied in it, and how. SWEEPS.md is the format.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/settings/overrides.hpp"
#include "sim/sweep/expression.hpp"
#include "sim/sweep/size.hpp"
#include "sim/sweep/trace_recipe.hpp"

namespace numasim::sweep {

/// A setting that is varied. Its path is also the name of its column in results.csv.
struct Axis {
  std::string path;
  SettingSource source;  // where the file names it
};

/// Axes that vary together: level by level each takes its next value. A grid has one axis in each
/// factor, a zip or a sample all of its axes in one. The points of a sweep are every combination of
/// the factors' levels.
struct Factor {
  std::vector<Axis> axes;
  std::vector<std::vector<SaidSetting>> levels;  // each with a value for each axis
};

/// A condition on the axes' values; points that do not fulfil it are left out.
struct Constraint {
  std::string text;
  Expression expression;
  SettingSource source;
};

/// Which seeds the repeats of a point get.
enum class SeedPlan {
  common,       // repeat k has the same seed at every point: differences are the settings' doing
  independent,  // each point has seeds of its own
};

struct SweepFile {
  std::string name;
  std::string description;
  std::filesystem::path base;         // the scenario
  std::vector<SaidSetting> settings;  // the same in every run
  TraceRecipe recipe;                 // what is made beside the scenario's trace
  Settings known;                     // what can be varied: the scenario's settings, the recipe's
  std::vector<Factor> factors;        // the last one varies fastest
  std::vector<Constraint> constraints;
  unsigned repeats = 1;
  SeedPlan seeds = SeedPlan::common;
  std::optional<SizeQuestion> size;  // its values are the one factor then
  std::vector<std::string> metrics;  // columns of results.csv; empty: everything
};

/// A sweep of more runs is refused: someone has slipped on a range.
inline constexpr std::size_t kMostRuns = 200'000;

/// Newest version of the format that this program knows.
inline constexpr int kSweepVersion = 1;

/// Reads a sweep file ("-": standard input). Axes are checked against the table of settings, not
/// yet their values. Throws InputError with every fault found, FileError if it cannot be read.
SweepFile read_sweep_file(const std::filesystem::path& path);

/// Every axis of a sweep, in the order of the factors.
std::vector<Axis> axes_of(const SweepFile& sweep);

std::string_view to_string(SeedPlan seeds);

}  // namespace numasim::sweep
