#include "sim/sweep/axis_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/sweep/file_section.hpp"
#include "sim/sweep/sampling.hpp"

namespace numasim::sweep {
namespace {

using Json = SettingsTree::Json;

constexpr Whole kLargest = (Whole{1} << 64) - 1;
constexpr Limits kAnyNumber{-kLargest, kLargest};

constexpr std::array kMethods{SampleMethod::latin_hypercube, SampleMethod::sobol,
                              SampleMethod::random};

/// What a sweep may not vary, with the reason; nothing for all else.
std::string why_not(const Setting& setting) {
  if (setting.path == "seed") return "use \"repeats\", or --seed for all runs";
  if (setting.path == "version" || setting.path == "name" || setting.path == "description" ||
      setting.path == "look_at")
    return "it has no influence on a run";
  if (setting.kind == SettingKind::section) return "it is a section: name the settings inside it";
  return {};
}

/// Zipped axes, level by level. Requires: each has as many values.
Factor zip(std::vector<Axis> axes, std::vector<std::vector<SaidSetting>> values) {
  Factor factor{.axes = std::move(axes), .levels = {}};
  if (values.empty()) return factor;
  for (std::size_t level = 0; level < values.front().size(); ++level) {
    auto& said = factor.levels.emplace_back();
    for (auto& axis : values) said.push_back(std::move(axis[level]));
  }
  return factor;
}

}  // namespace

Unit AxisReader::unit_of(const Axis& axis) const {
  const Setting* setting = find_setting(known_, axis.path);
  return setting == nullptr ? Unit::none : setting->unit;
}

bool AxisReader::is_number(const Axis& axis) const {
  const Setting* setting = find_setting(known_, axis.path);
  return setting != nullptr && setting->kind == SettingKind::number;
}

bool AxisReader::may_be_set(const std::string& pointer, const std::string& path) {
  const Setting* setting = find_setting(known_, path);
  Problem problem = tree_.problem_at_key(pointer);
  if (setting == nullptr) {
    const std::size_t dot = path.rfind('.');
    const std::string section = dot == std::string::npos ? "" : path.substr(0, dot);
    problem.message = "unknown setting " + path;
    problem.hint = hint_for_key(known_, section,
                                path.substr(dot == std::string::npos ? 0 : dot + 1), Naming::path);
  } else if (problem.message = why_not(*setting); !problem.message.empty()) {
    problem.hint = std::exchange(problem.message, "cannot be varied");
  } else {
    return true;
  }
  problems_.push_back(std::move(problem));
  return false;
}

/// A setting inside another one that is varied would be overwritten or overwrite.
bool AxisReader::is_new(const std::string& pointer, const std::string& path) {
  for (const std::string& other : paths_) {
    const bool same =
        path == other || path.starts_with(other + '.') || other.starts_with(path + '.');
    if (!same) continue;
    Problem problem = tree_.problem_at_key(pointer);
    problem.message = path == other ? "it is varied twice" : other + " is varied as well";
    problem.hint = "name each setting once in grid, zip and sample";
    problems_.push_back(std::move(problem));
    return false;
  }
  paths_.push_back(path);
  return true;
}

std::optional<Axis> AxisReader::read_axis(const std::string& section, const std::string& path) {
  const std::string pointer = section + pointer_step(path);
  if (!may_be_set(pointer, path) || !is_new(pointer, path)) return std::nullopt;
  return Axis{path, tree_.source(pointer)};
}

std::vector<SaidSetting> AxisReader::read_settings(const std::string& pointer) {
  std::vector<SaidSetting> said;
  for (const auto& [path, value] : tree_.find(pointer)->items()) {
    const std::string place = pointer + pointer_step(path);
    if (may_be_set(place, path)) said.push_back({path, value, tree_.source(place)});
  }
  return said;
}

void AxisReader::read_grid(const std::string& pointer) {
  for (const auto& [path, value] : tree_.find(pointer)->items()) {
    const auto axis = read_axis(pointer, path);
    if (axis) factors_.push_back(zip({*axis}, {read_values(*axis, pointer + pointer_step(path))}));
  }
}

void AxisReader::read_searched(const std::string& setting, const std::string& values) {
  const auto path = tree_.find(setting)->get<std::string>();
  if (!may_be_set(setting, path) || !is_new(setting, path)) return;
  const Axis axis{path, tree_.source(setting)};
  if (!is_number(axis)) {
    report(tree_, problems_, setting, "the path of a number", '"' + path + '"');
    return;
  }
  factors_.push_back(zip({axis}, {read_values(axis, values)}));
}

/// A section, or each section of a list.
std::vector<std::string> AxisReader::sections(const std::string& pointer) {
  const Json& value = *tree_.find(pointer);
  if (value.is_object()) return {pointer};
  std::vector<std::string> found;
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i].is_object()) found.push_back(pointer + '/' + std::to_string(i));
  if (found.empty() || found.size() < value.size())
    report(tree_, problems_, pointer, "a section { ... }, or a list of sections", shown(value));
  return found;
}

void AxisReader::read_zip(const std::string& pointer) {
  for (const std::string& section : sections(pointer)) read_one_zip(section);
}

void AxisReader::read_one_zip(const std::string& pointer) {
  std::vector<Axis> axes;
  std::vector<std::vector<SaidSetting>> values;
  for (const auto& [path, value] : tree_.find(pointer)->items()) {
    const auto axis = read_axis(pointer, path);
    if (!axis) continue;
    const std::string place = pointer + pointer_step(path);
    auto read = read_values(*axis, place);
    if (read.empty()) continue;
    if (!values.empty() && read.size() != values.front().size()) {
      report(tree_, problems_, place,
             std::to_string(values.front().size()) + " values, as " + axes.front().path + " has",
             std::to_string(read.size()));
      continue;
    }
    axes.push_back(*axis);
    values.push_back(std::move(read));
  }
  factors_.push_back(zip(std::move(axes), std::move(values)));
}

std::vector<SaidSetting> AxisReader::read_values(const Axis& axis, const std::string& pointer) {
  const Json& value = *tree_.find(pointer);
  if (value.is_array() && !value.empty()) return read_list(axis, pointer);
  if (value.is_object()) return read_series(axis, pointer);
  report(tree_, problems_, pointer,
         "a list of values, or {\"from\", \"to\", \"step\" or \"factor\"}", shown(value));
  return {};
}

std::vector<SaidSetting> AxisReader::read_list(const Axis& axis, const std::string& pointer) {
  std::vector<SaidSetting> said;
  const Json& values = *tree_.find(pointer);
  for (std::size_t i = 0; i < values.size(); ++i)
    said.push_back({axis.path, values[i], tree_.source(pointer + '/' + std::to_string(i))});
  return said;
}

/// from, from + step, ... or from, from * factor, ... up to `to`.
std::vector<SaidSetting> AxisReader::read_series(const Axis& axis, const std::string& pointer) {
  FileSection section(tree_, problems_, pointer, {"from", "to", "step", "factor"}, {"from", "to"});
  if (!is_number(axis)) {
    report(tree_, problems_, pointer, "a list of values", "a range",
           axis.path + " is not a number");
    return {};
  }
  const Unit unit = unit_of(axis);
  const auto from = section.whole("from", unit, kAnyNumber);
  const auto to = section.whole("to", unit, kAnyNumber);
  const auto step = section.whole("step", unit, {1, kLargest});
  const auto factor = section.whole("factor", Unit::none, {2, kLargest});
  if (section.has("step") == section.has("factor")) {
    report(tree_, problems_, pointer, "one of \"step\" and \"factor\"",
           section.has("step") ? "both" : "neither");
    return {};
  }
  if (!from || !to || (!step && !factor)) return {};
  if (*from > *to || (factor && *from < 1)) {
    report(tree_, problems_, section.pointer("from"),
           factor ? "a number from 1 up to \"to\"" : "a number up to \"to\"",
           numasim::to_string(*from));
    return {};
  }
  std::vector<SaidSetting> said;
  for (Whole at = *from; at <= *to && said.size() <= kMostRuns;
       at = step ? at + *step : at * *factor)
    said.push_back({axis.path, to_json(at), tree_.source(pointer)});
  return said;
}

void AxisReader::read_sample(const std::string& pointer) {
  for (const std::string& section : sections(pointer)) read_one_sample(section);
}

void AxisReader::read_one_sample(const std::string& pointer) {
  FileSection section(tree_, problems_, pointer, {"method", "points", "seed", "axes"},
                      {"method", "points", "axes"});
  std::vector<std::string_view> names;
  for (const SampleMethod method : kMethods) names.push_back(to_string(method));
  const auto method = section.choice("method", names);
  const auto points = section.whole("points", Unit::none, {1, kMostRuns});
  const auto seed = section.whole("seed", Unit::none, {0, kLargest});
  const std::string place = section.pointer("axes");
  if (!section.has("axes")) return;
  if (!tree_.find(place)->is_object() || tree_.find(place)->size() > kMostSampleAxes) {
    report(tree_, problems_, place, "a section { path: range, ... }", shown(*tree_.find(place)));
    return;
  }
  std::vector<Axis> axes;
  std::vector<std::string> paths;
  for (const auto& [path, range] : tree_.find(place)->items())
    if (const auto axis = read_axis(place, path)) {
      axes.push_back(*axis);
      paths.push_back(path);
    }
  if (!method || !points || axes.empty()) return;
  const auto unit = unit_points(kMethods[*method], static_cast<std::size_t>(*points), paths,
                                static_cast<std::uint64_t>(seed.value_or(1)));
  std::vector<std::vector<SaidSetting>> values;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::vector<double> at;
    for (const auto& point : unit) at.push_back(point[i]);
    values.push_back(read_sampled(axes[i], place + pointer_step(paths[i]), at));
    if (values.back().empty()) return;
  }
  factors_.push_back(zip(std::move(axes), std::move(values)));
}

std::vector<SaidSetting> AxisReader::read_sampled(const Axis& axis, const std::string& pointer,
                                                  const std::vector<double>& at) {
  std::vector<SaidSetting> said;
  const Json& value = *tree_.find(pointer);
  if (value.is_array() && !value.empty()) {
    const NumberRange places{.from = 0, .to = static_cast<Whole>(value.size()) - 1};
    for (const double u : at) {
      const auto i = static_cast<std::size_t>(number_at(places, u));
      said.push_back({axis.path, value[i], tree_.source(pointer + '/' + std::to_string(i))});
    }
    return said;
  }
  if (!value.is_object() || !is_number(axis)) {
    report(tree_, problems_, pointer,
           is_number(axis) ? "{\"from\", \"to\"}, or a list of values" : "a list of values",
           shown(value));
    return {};
  }
  FileSection section(tree_, problems_, pointer, {"from", "to", "step", "scale"}, {"from", "to"});
  const Unit unit = unit_of(axis);
  const auto from = section.whole("from", unit, kAnyNumber);
  const auto to = section.whole("to", unit, kAnyNumber);
  const auto step = section.whole("step", unit, {1, kLargest});
  const auto scale = section.choice("scale", {"linear", "logarithmic"});
  if (!from || !to || (section.has("step") && !step) || (section.has("scale") && !scale)) return {};
  const bool logarithmic = scale == 1;
  if (*from > *to || (logarithmic && *from < 1)) {
    report(tree_, problems_, section.pointer("from"),
           logarithmic ? "a number from 1 up to \"to\"" : "a number up to \"to\"",
           numasim::to_string(*from));
    return {};
  }
  const NumberRange range{.from = *from,
                          .to = *to,
                          .step = step.value_or(1),
                          .scale = logarithmic ? Scale::logarithmic : Scale::linear};
  for (const double u : at)
    said.push_back({axis.path, to_json(number_at(range, u)), tree_.source(pointer)});
  return said;
}

}  // namespace numasim::sweep
