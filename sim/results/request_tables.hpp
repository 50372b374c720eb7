#pragma once
// Two tables that are known at the end only: how long requests took, and where they found memory.

#include <string>

#include "sim/results/event_totals.hpp"

namespace numasim::results {

/// request_waits.csv: the histogram of each order's waits.
std::string request_waits_csv(const EventTotals& totals);

/// placement.csv: the node of the CPU against the node of the memory.
std::string placement_csv(const EventTotals& totals);

}  // namespace numasim::results
