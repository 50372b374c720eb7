#pragma once
// Replays the recording of a whole booted kernel: from its first dump on, every allocation must
// return the page it returned then, from a zone of our own choice.

#include <filesystem>

#include "sim/conform/verdicts.hpp"

namespace numasim::conform {

/// Replays a recording's folder (dump0.tsv.gz, console.txt.gz, stream.tsv.gz and, when there,
/// events.tsv.gz, dump1.tsv.gz, dump2.tsv.gz) as one case, named as the folder. What the streams
/// do not determine is taken from them: when tasks ran, what reclaim freed and said, when kswapd
/// slept, when counters were refreshed. A folder without a stream is passed over.
void replay_machine(const std::filesystem::path& folder, Verdicts& verdicts);

}  // namespace numasim::conform
