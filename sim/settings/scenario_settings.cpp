#include "sim/settings/scenario_settings.hpp"

#include "sim/settings/bind.hpp"

namespace numasim {

const Settings& scenario_settings() {
  static const Settings settings = [] {
    Settings list;
    binding::list_settings<Scenario>("", list);
    return list;
  }();
  return settings;
}

Scenario bind_scenario(const SettingsTree& tree, std::vector<Problem>& problems) {
  Scenario scenario;
  SettingReader reader(tree, scenario_settings(), problems);
  const SettingSlot whole{tree.root(), "", Unit::none, {}};
  binding::read_section(reader, whole, scenario);
  return scenario;
}

nlohmann::ordered_json scenario_to_json(const Scenario& scenario) {
  return binding::to_json(scenario);
}

}  // namespace numasim
