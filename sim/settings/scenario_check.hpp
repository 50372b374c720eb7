#pragma once
// What no single setting can be checked for: that settings fit each other and the files exist.

#include <vector>

#include "sim/scenario.hpp"
#include "sim/settings/settings_tree.hpp"

namespace numasim {

/// Appends what is wrong to `problems`, with places from `tree`. A check whose settings were
/// misread (see `problems` on entry) is left out: it would only repeat the fault in other words.
void check_scenario(const Scenario& scenario, const SettingsTree& tree,
                    std::vector<Problem>& problems);

/// Gives a cpuset without mems or cpus those of its parent. Requires: check_scenario found nothing.
void inherit_cpuset_masks(Scenario& scenario);

}  // namespace numasim
