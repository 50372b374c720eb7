#pragma once
// The parts of a sweep file that name axes: grid, zip and sample.

#include <string>
#include <vector>

#include "sim/settings/settings_tree.hpp"
#include "sim/sweep/sweep_file.hpp"

namespace numasim::sweep {

/// Reads axes and their values out of a sweep file; what is wrong is appended to `problems`.
class AxisReader {
 public:
  /// `known` are the settings that can be varied. All three must outlive the reader.
  AxisReader(const SettingsTree& tree, const Settings& known, std::vector<Problem>& problems)
      : tree_(tree), known_(known), problems_(problems) {}

  /// "grid": {path: values, ...}: one factor for each axis.
  void read_grid(const std::string& pointer);
  /// "zip": {path: values, ...}, or a list of such: one factor for each.
  void read_zip(const std::string& pointer);
  /// "sample": {"method", "points", "seed", "axes": {path: range or values}}, or a list of such.
  void read_sample(const std::string& pointer);
  /// A setting named by a text, with its values elsewhere.
  void read_searched(const std::string& setting, const std::string& values);
  /// "set": {path: value, ...}.
  std::vector<SaidSetting> read_settings(const std::string& pointer);

  std::vector<Factor> take_factors() { return std::move(factors_); }

 private:
  using Json = SettingsTree::Json;

  void read_one_zip(const std::string& pointer);
  void read_one_sample(const std::string& pointer);
  std::optional<Axis> read_axis(const std::string& section, const std::string& path);
  bool may_be_set(const std::string& pointer, const std::string& path);
  bool is_new(const std::string& pointer, const std::string& path);
  std::vector<SaidSetting> read_values(const Axis& axis, const std::string& pointer);
  std::vector<SaidSetting> read_list(const Axis& axis, const std::string& pointer);
  std::vector<SaidSetting> read_series(const Axis& axis, const std::string& pointer);
  std::vector<SaidSetting> read_sampled(const Axis& axis, const std::string& pointer,
                                        const std::vector<double>& at);
  std::vector<std::string> sections(const std::string& pointer);

  Unit unit_of(const Axis& axis) const;
  bool is_number(const Axis& axis) const;

  const SettingsTree& tree_;
  const Settings& known_;
  std::vector<Problem>& problems_;
  std::vector<Factor> factors_;
  std::vector<std::string> paths_;  // of every axis so far
};

}  // namespace numasim::sweep
