#pragma once
// `numasim conform`: replays recorded decisions of the kernel against the core.

#include <ostream>
#include <string>
#include <vector>

#include "sim/conform/verdicts.hpp"

namespace numasim {

/// Replays the recordings named in `args` (the arguments behind "conform"), prints the first
/// differing step of each failing case and, last, "N passed, M failed". Returns the exit code:
/// 0 all passed, 1 some failed, 2 wrong usage, 3 a malformed recording, 4 an unreadable file.
int run_conform(const std::vector<std::string>& args);

namespace conform {

/// Replays one file against the core. Throws FileError, and InputError where the file is not
/// a recording.
void replay_file(const std::string& path, Verdicts& verdicts);

}  // namespace conform
}  // namespace numasim
