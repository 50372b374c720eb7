#include "sim/settings/trace_check.hpp"

#include <fstream>

namespace numasim {

std::vector<Problem> find_trace_problems(const Scenario& scenario) {
  return find_trace_problems(scenario.workload.trace);
}

std::vector<Problem> find_trace_problems(const std::filesystem::path& trace) {
  if (!std::ifstream(trace)) throw FileError(trace.string(), "cannot be read");
  return {};
}

}  // namespace numasim
