#include "workloads/generate/kinds.hpp"

#include <string>

#include "workloads/generate/all_kinds.hpp"

namespace numasim::trace {

std::span<const WorkloadKind> workload_kinds() {
  static const WorkloadKind kKinds[] = {kFill,   kOrders,  kChurn, kStream,  kZipf,
                                        kPhases, kNetwork, kSlab,  kDatabase};
  return kKinds;
}

void generate(const WorkloadKind& kind, const Values& values, std::uint64_t seed,
              const std::filesystem::path& to) {
  std::string description = "generated: " + std::string(kind.name);
  for (const Parameter& parameter : kind.parameters) {
    const std::uint64_t value = values[parameter.name];
    if (value == parameter.otherwise) continue;
    description += ' ' + std::string(parameter.name) + '=' + std::to_string(value);
  }
  Script script(to, description + " seed=" + std::to_string(seed));
  kind.generate(values, seed, script);
  script.publish();
}

}  // namespace numasim::trace
