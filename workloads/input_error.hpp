#pragma once
// What is wrong with a file the user gave us: one shape for scenarios, traces, state files and
// recordings, so that every message reads alike.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace numasim {

/// One fault in one place. `expected` and `found` say what differs; `message` is for faults that
/// are not of that kind. `pointer` is a JSON pointer ("/machine/nodes/0"). Every member has an
/// initialiser, so that a designated initialiser may leave members out.
struct Problem {
  std::string file = {};
  std::uint64_t line = 0;    // from 1; 0: the file as a whole
  std::uint64_t column = 0;  // from 1, in bytes; 0: the line as a whole
  std::string pointer = {};
  std::string message = {};
  std::string expected = {};
  std::string found = {};
  std::string hint = {};
  bool operator==(const Problem&) const = default;
};

/// "file:line:col: /pointer: message; hint", or "...: expected X, found Y; hint". Parts that are
/// empty are left out.
std::string to_string(const Problem& problem);

/// Bad user input: at least one problem, in file order. what() has one line a problem.
class InputError : public std::runtime_error {
 public:
  explicit InputError(Problem problem);
  explicit InputError(std::vector<Problem> problems);

  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// A file that the system will not let us open, read or write, whatever is in it.
class FileError : public InputError {
 public:
  /// `what` is for instance "cannot be read: Permission denied".
  FileError(const std::string& file, const std::string& what);
};

/// The candidate that `word` is most likely a slip of the keyboard for, if one is close.
std::optional<std::string_view> closest(std::string_view word,
                                        const std::vector<std::string_view>& candidates);

/// "did you mean bandwidth?", or nothing when no candidate is close.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace numasim
