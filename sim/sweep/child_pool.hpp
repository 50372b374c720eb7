#pragma once
// Work in child processes, a few at a time. Each is a fork of this process, so it starts with all
// that was read and loaded, and whatever becomes of it touches no other.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>

namespace numasim::sweep {

/// How a child ended.
struct ChildEnd {
  enum class How { exited, killed_by_signal, timed_out, interrupted } how = How::exited;
  int code = 0;  // exit code or signal
};

struct ChildWork {
  std::size_t count = 0;  // pieces 0..count-1, started in this order
  unsigned at_once = 1;
  std::optional<std::chrono::nanoseconds> timeout;  // of one piece, by the clock on the wall
  /// Runs in a child whose stdin is empty; what it returns is the child's exit code.
  std::function<int(std::size_t piece)> run;
  /// Where a child's stdout and stderr go. It is locked while the child lives.
  std::function<std::filesystem::path(std::size_t piece)> log;
  /// Called as each child ends; false: start no more.
  std::function<bool(std::size_t piece, ChildEnd end)> ended;
};

/// Works off all pieces. Returns false when SIGINT or SIGTERM ended it; the children are gone then.
/// When this process is killed, its children are too. Throws results::OutputError when no process
/// can be made. Requires: no threads.
bool work_in_children(const ChildWork& work);

}  // namespace numasim::sweep
