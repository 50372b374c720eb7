#pragma once
// First reading of a stream: when the counters were refreshed.

#include <filesystem>
#include <vector>

#include "workloads/import_report.hpp"
#include "workloads/kernel2624/dump.hpp"
#include "workloads/kernel2624/refresh_finder.hpp"

namespace numasim::kernel2624 {

/// Which free counters of a recording are looked at: those of the stream's operations, or also
/// those that its events and samples show. More values fix the refreshes better in between, but
/// some of them were read while another CPU was at work.
enum class CountersShown { by_operations, by_all };

/// Finds the refreshes of the recording in `folder`, ascending, and how the pending changes at its
/// start were split over the CPUs, which goes into `dump`. What it made of the counters goes into
/// the report. Throws InputError.
std::vector<Refresh> find_refreshes(Dump& dump, const std::filesystem::path& folder,
                                    CountersShown shown, ImportReport& report);

}  // namespace numasim::kernel2624
