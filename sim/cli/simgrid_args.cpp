#include "sim/cli/simgrid_args.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simgrid/s4u/Engine.hpp>

#include "sim/cli/arguments.hpp"

namespace numasim::cli {
namespace {

/// The child: starts an engine with one argument and ends. Its words are not for the user.
[[noreturn]] void try_engine(std::string arg) {
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::string program = "numasim";
  char* argv[] = {program.data(), arg.data(), nullptr};
  int argc = 2;
  simgrid::s4u::Engine engine(&argc, argv);
  // An argument that SimGrid knows is taken out.
  _exit(argc == 1 ? 0 : 1);
}

bool accepted(const std::string& arg) {
  const pid_t child = fork();
  if (child == 0) try_engine(arg);
  if (child < 0) return true;  // no process to spare: let SimGrid judge
  int status = 0;
  if (waitpid(child, &status, 0) != child) return true;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void check_simgrid_args(const std::vector<std::string>& args) {
  for (const std::string& arg : args) {
    // --help and the like would print and exit in the middle of a run.
    const bool known = arg.starts_with("--cfg=") || arg.starts_with("--log=");
    if (!known || !accepted(arg))
      throw UsageError("SimGrid does not take \"" + arg +
                       "\"; expected --cfg=KEY:VALUE or --log=CATEGORY.thresh:LEVEL");
  }
}

}  // namespace numasim::cli
