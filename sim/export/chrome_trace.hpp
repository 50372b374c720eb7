#pragma once
// A run as Chrome trace JSON, which ui.perfetto.dev and chrome://tracing show.

#include <filesystem>
#include <functional>
#include <string_view>

namespace numasim::exporting {

/// Hands the document on in pieces. Tracks: one for each task and daemon with what it waited for,
/// one for each device and direction with its congestion, one for the OOM killer and failures,
/// counters of free pages for each zone and of requests for each device. Intervals of one track
/// nest; dates do not go back.
void chrome_trace(const std::filesystem::path& run,
                  const std::function<void(std::string_view)>& put);

}  // namespace numasim::exporting
