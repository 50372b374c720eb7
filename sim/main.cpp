#include <iostream>

#include "sim/version.hpp"

int main() {
  const numasim::Version version = numasim::version();
  std::cout << "numasim " << version.number << " (" << version.git_hash << "), SimGrid "
            << version.simgrid << '\n';
}
