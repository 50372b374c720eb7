#pragma once
// What was built: the numbers a result carries so that it can be made again.

#include <string_view>

namespace numasim {

struct Version {
  std::string_view number;    // of numasim, "0.1.0"
  std::string_view git_hash;  // short; "-dirty" appended if the tree had changes; "unknown"
  std::string_view simgrid;   // version the program was compiled against
};

Version version();

}  // namespace numasim
