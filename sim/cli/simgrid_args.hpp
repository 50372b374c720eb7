#pragma once

#include <string>
#include <vector>

namespace numasim::cli {

/// Throws UsageError for an argument that SimGrid would not take. SimGrid itself would abort, so a
/// child process tries it first.
void check_simgrid_args(const std::vector<std::string>& args);

}  // namespace numasim::cli
