#include "sim/cli/terminal.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

namespace numasim::cli {
namespace {

/// A user's text must not move the cursor or forge a line.
std::string harmless(std::string_view text) {
  std::string shown(text);
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return shown;
}

int warning_count = 0;

}  // namespace

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      return;
    } else if (errno != EINTR) {
      throw FileError("<stdout>", std::string("cannot be written: ") + std::strerror(errno));
    }
  }
}

void complain(std::string_view text) { std::cerr << "numasim: " << harmless(text) << '\n'; }

void warn(std::string_view text) {
  complain("warning: " + std::string(text));
  ++warning_count;
}

int warnings() { return warning_count; }

void complain_about(const InputError& error) {
  for (const Problem& problem : error.problems()) std::cerr << harmless(to_string(problem)) << '\n';
  if (error.problems().size() > 1) complain(std::to_string(error.problems().size()) + " problems");
}

}  // namespace numasim::cli
