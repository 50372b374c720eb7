#include <csignal>

#include "sim/cli/commands.hpp"
#include "sim/cli/guard.hpp"

int main(int argc, char** argv) {
  using namespace numasim;
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is seen where we write
  return cli::guarded([&] { return cli::dispatch({argv + (argc > 0 ? 1 : 0), argv + argc}); });
}
