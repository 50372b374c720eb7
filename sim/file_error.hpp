#pragma once

#include <stdexcept>

namespace numasim {

/// A file that cannot be read or written: exit code 4. what() is one line that names the file and
/// the reason.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace numasim
