#pragma once
// Where exceptions end: each kind becomes a message on stderr and an exit code.

#include <functional>

namespace numasim::cli {

/// What `work` returns, or the exit code for what it throws.
int guarded(const std::function<int()>& work);

}  // namespace numasim::cli
