#include "sim/cli/figure.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>

#include "sim/cli/terminal.hpp"

extern char** environ;

namespace numasim::cli {
namespace {

/// Not the first python3 on PATH: only Debian's has Debian's matplotlib.
constexpr const char* kPython = "/usr/bin/python3";

class SpawnSettings {
 public:
  explicit SpawnSettings(Chatter chatter) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    // Its stdout names the file it drew, ours is data.
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (chatter == Chatter::hidden)
      posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// What went wrong, or nothing.
std::string run_python(const std::string& script, const std::string& argument, Chatter chatter) {
  std::string python = kPython, file = script, directory = argument;
  char* argv[] = {python.data(), file.data(), directory.data(), nullptr};
  const SpawnSettings settings(chatter);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, kPython, settings.actions(), settings.attributes(), argv, environ);
  if (error != 0) return std::string(kPython).append(": ").append(std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return std::strerror(errno);
  if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return "it ended with " + std::to_string(WEXITSTATUS(status));
  return {};
}

}  // namespace

void draw_figure(const std::filesystem::path& run_directory, Chatter chatter) {
  const std::filesystem::path script =
      std::filesystem::path(NUMASIM_SOURCE_DIR) / "analysis" / "plot.py";
  std::error_code ignored;
  if (!std::filesystem::exists(script, ignored)) {
    warn("no figure: " + script.string() + " is not there");
    return;
  }
  // A name that begins with '-' must not look like an option.
  const std::string directory = std::filesystem::absolute(run_directory).string();
  const std::string trouble = run_python(script.string(), directory, chatter);
  if (!trouble.empty())
    warn("no figure: " + script.filename().string() + ": " + trouble);
}

}  // namespace numasim::cli
