#include "sim/experiment.hpp"

#include "workloads/input_error.hpp"

namespace numasim {

RunResult run_experiment(const Scenario&, const RunOptions&) {
  throw InputError(Problem{.message = "running a scenario is not built yet"});
}

}  // namespace numasim
