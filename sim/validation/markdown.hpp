#pragma once
// The result of a validation as a page to read.

#include <string>
#include <vector>

#include "sim/validation/case.hpp"
#include "sim/validation/verdict.hpp"

namespace numasim::validation {

/// A README: a summary by scenario, then each scenario with its table, its notes and its figure.
/// `figures`: labels of the cases that have one, as LABEL.png.
std::string markdown_text(const std::vector<Case>& cases, const std::vector<Verdict>& verdicts,
                          const std::vector<std::string>& notes,
                          const std::vector<std::string>& figures);

}  // namespace numasim::validation
