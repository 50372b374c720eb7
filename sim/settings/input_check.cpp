#include "sim/settings/input_check.hpp"

#include <utility>

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
  std::vector<Problem> problems = trace::problems_of_trace(trace, std::nullopt, kMostProblems);
  if (!problems.empty()) throw InputError(std::move(problems));
}

}  // namespace numasim
