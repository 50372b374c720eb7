#include "sim/validation/quantity.hpp"

#include "sim/validation/quantities.hpp"

namespace numasim::validation {

std::string zone_name(int code) {
  const auto type = static_cast<ZoneType>(code % static_cast<int>(kZoneTypes));
  return "zone " + std::string(to_string(type)) + " of node " +
         std::to_string(code / static_cast<int>(kZoneTypes));
}

Family family_of(const Parameters& parameters) {
  const std::string& scenario = parameters.scenario();
  const auto asks = [&](const char* key) { return parameters.number(key, 0) != 0; };
  if (scenario == "anon" || scenario == "mpol") return Family::spill;
  if (scenario == "clean") return Family::clean;
  if (scenario == "nofail") return Family::nofail;
  if (scenario == "dirty" && asks("na")) return Family::atomic;
  if (scenario == "dirty" && asks("sops")) return Family::slow_operations;
  if (scenario == "dirty") return Family::dirty;
  if (scenario == "hogs" && asks("swap")) return Family::swap;
  if (scenario == "hogs") return Family::oom;
  if (scenario.starts_with("cs") || scenario == "cpuset") return Family::cpuset;
  if (scenario == "fault") return Family::fault;
  return Family::other;
}

namespace {

void add_cpuset(const Parameters& parameters, const Account& recorded,
                std::vector<Quantity>& quantities) {
  if (parameters.scenario() == "cspress") {
    add_memory_pressure(quantities);
    return;
  }
  add_oom(quantities);
  if (parameters.has("csop")) {
    quantities.pop_back();  // not anonymous memory
    add_hook(1, quantities);
  }
  add_served(0.5, recorded, quantities);
  if (parameters.number("pages", 0) > 0) add_touched(recorded, 0.5, quantities);
  if (parameters.number("fpages", 0) > 0) add_file_pages(recorded, 0.5, quantities);
}

/// Where nobody was killed after all, memory was spilled.
void add_out_of_memory(const Account& recorded, std::vector<Quantity>& quantities) {
  add_oom(quantities);
  if (!recorded.kills.empty()) return;
  add_served(0.2, recorded, quantities);
  add_numa_counters(recorded, 0.2, quantities);
}

}  // namespace

std::vector<Quantity> quantities_of(const Parameters& parameters, const Account& recorded) {
  std::vector<Quantity> quantities;
  switch (family_of(parameters)) {
    case Family::spill:
      add_served(0.2, recorded, quantities);
      add_numa_counters(recorded, 0.2, quantities);
      if (parameters.number("pages", 0) > 0) add_touched(recorded, 0.2, quantities);
      if (parameters.number("fpages", 0) > 0) add_file_pages(recorded, 0.2, quantities);
      if (!recorded.kills.empty()) add_oom(quantities);
      break;
    case Family::nofail:
      add_nofail(recorded, quantities);
      break;
    case Family::cpuset:
      add_cpuset(parameters, recorded, quantities);
      break;
    case Family::other:
      if (parameters.scenario() == "reserve") add_hook(1, quantities);
      break;
    case Family::clean:
      add_clean(quantities);
      break;
    case Family::fault:
      add_faults(quantities);
      break;
    case Family::atomic:
      add_atomic(quantities);
      break;
    case Family::slow_operations:
      add_slow_operations(recorded, quantities);
      break;
    case Family::swap:
      add_swap(quantities);
      break;
    case Family::dirty:
      add_dirty(quantities);
      add_shares(parameters, quantities);
      add_free_pages(recorded, quantities);
      break;
    case Family::oom:
      add_out_of_memory(recorded, quantities);
      break;
    default:
      break;
  }
  return quantities;
}

}  // namespace numasim::validation
