#include "sim/run/input_check.hpp"

#include <utility>

#include "sim/run/sysctls.hpp"
#include "sim/run/trace_survey.hpp"
#include "workloads/state_file.hpp"
#include "workloads/trace_checker.hpp"

namespace numasim {

void check_input_files(const Scenario& scenario) {
  std::optional<MachineState> start_state;
  if (!scenario.run.start_state.empty()) start_state = read_state(scenario.run.start_state);
  survey_trace(scenario, start_state);
}

void check_trace(const std::filesystem::path& trace) {
  constexpr std::size_t kMostProblems = 100;
  const auto check_sysctl = [](const trace::Record& record) {
    const auto* sysctl = std::get_if<trace::Sysctl>(&record.operation);
    return sysctl ? problem_of(*sysctl) : std::nullopt;
  };
  std::vector<Problem> problems =
      trace::problems_of_trace(trace, std::nullopt, kMostProblems, check_sysctl);
  if (!problems.empty()) throw InputError(std::move(problems));
}

}  // namespace numasim
