#pragma once
// Replays recorded decisions of the kernel against the core.

#include <string>
#include <string_view>
#include <vector>

#include "sim/conform/verdicts.hpp"

namespace numasim::conform {

/// Replays one recording against the core; its header says which family it is of. A folder is the
/// recording of a whole machine. Throws FileError, and InputError where it is not a recording.
void replay_file(const std::string& path, Verdicts& verdicts);

/// The families there are.
std::vector<std::string_view> family_names();

}  // namespace numasim::conform
