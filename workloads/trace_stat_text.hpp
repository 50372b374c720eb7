#pragma once
// The statistics of a trace for people and for programs.

#include <string>

#include "workloads/trace_stat.hpp"

namespace numasim::trace {

/// A page for a terminal.
std::string to_text(const TraceStatistics& statistics);

/// One JSON document; every key that counts something names its unit.
std::string to_json(const TraceStatistics& statistics);

}  // namespace numasim::trace
