#pragma once
// Checks of our own invariants. A failed check is our bug: it stops the program at once, in every
// build, and prints the condition with the values involved.

#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace numasim::detail {

template <class... Values>
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const Values&... values) {
  std::ostringstream text;
  text << file << ':' << line << ": check failed: " << condition;
  ((text << ' ' << values), ...);
  std::fprintf(stderr, "numasim: internal error: %s\n", text.str().c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace numasim::detail

/// MM_CHECK(condition, "name", value, ...): always on.
#define MM_CHECK(condition, ...)                                                      \
  do {                                                                                \
    if (!(condition)) [[unlikely]]                                                    \
      ::numasim::detail::check_failed(__FILE__, __LINE__,                             \
                                      #condition __VA_OPT__(, ) __VA_ARGS__);         \
  } while (false)
