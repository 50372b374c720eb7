#pragma once
// What the program says: results on stdout, everything else on stderr.

#include <string>
#include <string_view>

#include "workloads/input_error.hpp"

namespace numasim::cli {

/// Writes to standard output at once. A reader that went away (| head) is no error: what it does
/// not want is dropped. Throws FileError when the system refuses otherwise (disk full).
void print(std::string_view text);

/// One line on stderr, with control characters made visible: "numasim: ...".
void complain(std::string_view text);

/// One line on stderr, and one more to count: "numasim: warning: ...".
void warn(std::string_view text);

/// How often that was done.
int warnings();

/// One line a problem on stderr, then how many there were if more than one.
void complain_about(const InputError& error);

}  // namespace numasim::cli
