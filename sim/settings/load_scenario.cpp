#include "sim/settings/load_scenario.hpp"

#include <utility>

#include "sim/settings/overrides.hpp"
#include "sim/settings/scenario_check.hpp"
#include "sim/settings/scenario_settings.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim {
namespace {

constexpr std::size_t kMostProblemsShown = 100;

[[noreturn]] void fail(std::vector<Problem> problems) {
  if (problems.size() > kMostProblemsShown) problems.resize(kMostProblemsShown);
  throw InputError(std::move(problems));
}

/// A file written for a later format may say anything: nothing else in it is looked at.
std::optional<Problem> too_new(const SettingsTree& tree) {
  const auto* version = tree.find("/version");
  if (version == nullptr || !version->is_number_integer()) return std::nullopt;
  const bool known = version->is_number_unsigned()
                         ? version->get<std::uint64_t>() <= std::uint64_t{kScenarioVersion}
                         : true;
  if (known) return std::nullopt;
  Problem problem = tree.problem_at("/version");
  problem.expected = "version " + std::to_string(kScenarioVersion) + " or older";
  problem.found = version->dump();
  problem.hint = "the file is for a newer numasim";
  return problem;
}

const nlohmann::ordered_json& defaults() {
  static const nlohmann::ordered_json json = scenario_to_json(Scenario{});
  return json;
}

/// The file's name without its ending, with what a name must not hold replaced.
std::string name_from(const std::filesystem::path& path) {
  std::string name = path == "-" ? "stdin" : path.stem().string();
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '.' && c != '_' && c != '-') c = '_';
  }
  while (name.starts_with('.')) name.erase(0, 1);
  return name.empty() ? "scenario" : name;
}

}  // namespace

ScenarioSource::ScenarioSource(const std::filesystem::path& path,
                               const std::vector<std::string>& overrides)
    : name_(name_from(path)) {
  std::vector<Problem> problems;
  auto tree = read_settings_tree(path, problems);
  if (!tree) fail(std::move(problems));
  if (auto problem = too_new(*tree)) fail({std::move(*problem)});
  tree_ = std::move(*tree);
  apply_overrides(tree_, overrides, scenario_settings(), defaults(), problems);
  misread_ = std::move(problems);
}

Scenario ScenarioSource::make(std::span<const SaidSetting> said,
                              std::optional<std::uint64_t> seed) const {
  std::vector<Problem> problems = misread_;
  SettingsTree tree = tree_;
  apply_settings(tree, said, scenario_settings(), defaults(), problems);
  Scenario scenario = bind_scenario(tree, problems);
  check_scenario(scenario, tree, problems);
  if (!problems.empty()) {
    tree.sort(problems);
    fail(std::move(problems));
  }
  inherit_cpuset_masks(scenario);
  if (scenario.name.empty()) scenario.name = name_;
  if (seed) scenario.seed = *seed;
  return scenario;
}

Scenario load_scenario(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                       std::optional<std::uint64_t> seed) {
  return ScenarioSource(path, overrides).make({}, seed);
}

}  // namespace numasim
