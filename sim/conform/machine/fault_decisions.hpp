#pragma once
// A booted kernel whose page allocations were made to fail: every decision of should_fail, with
// the random numbers it drew.

#include <filesystem>

#include "sim/conform/verdicts.hpp"

namespace numasim::conform {

/// True for a folder whose workload is a list of requests under fault injection.
bool records_fault_decisions(const std::filesystem::path& folder);

/// Decides about each recorded request and judges the folder as one case. Throws InputError.
void replay_fault_decisions(const std::filesystem::path& folder, Verdicts& verdicts);

}  // namespace numasim::conform
