// No program of operations makes the core differ from the reference model, or its lists and
// counters from its page frames.

#include <cstdio>
#include <cstdlib>

#include "tests/support/program.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const numasim::program::Program program = numasim::program::decode({bytes, count});
  if (std::getenv("NUMASIM_PRINT_PROGRAM")) std::puts(to_cpp(program).c_str());
  numasim::program::run(program, 64);
  return 0;
}
