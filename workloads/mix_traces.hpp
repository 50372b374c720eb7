#pragma once
// Several workloads on one machine at once.

#include <filesystem>
#include <string>
#include <vector>

namespace numasim::trace {

/// A trace that takes part. `prefix` goes before the names of its tasks, regions and files, so that
/// two traces do not mean the same by one name.
struct MixPart {
  std::filesystem::path file;
  std::string prefix;
};

/// Writes one trace in which the tasks of all parts run side by side, each as in its own trace:
/// records by date, those without one after what stands before them in their trace. Ids of blocks
/// get the part's number in their upper bits. Who refreshes the counters is as the first part says.
/// Memory does not grow with the traces. The file appears when it is complete. Throws InputError,
/// FileError. Requires: at least one part.
void mix_traces(const std::vector<MixPart>& parts, const std::filesystem::path& to);

}  // namespace numasim::trace
