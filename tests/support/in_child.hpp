#pragma once
// Runs something in a child process: SimGrid allows one engine in each.

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

namespace numasim {

/// The text that `run` returns in a child process; nothing if the child fails.
template <class Run>
std::optional<std::string> in_child(Run run) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) {
    const std::string text = run();
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t more = write(ends[1], text.data() + done, text.size() - done);
      if (more <= 0) _exit(1);
      done += static_cast<std::size_t>(more);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got; (got = read(ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0 ? std::optional(text) : std::nullopt;
}

}  // namespace numasim
