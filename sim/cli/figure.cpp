#include "sim/cli/figure.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

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
std::string run_python(const std::string& script, const std::vector<std::string>& arguments,
                       Chatter chatter) {
  std::vector<std::string> words{kPython, script};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const SpawnSettings settings(chatter);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, kPython, settings.actions(), settings.attributes(), argv.data(), environ);
  if (error != 0) return std::string(kPython).append(": ").append(std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return std::strerror(errno);
  if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return "it ended with " + std::to_string(WEXITSTATUS(status));
  return {};
}

/// Runs a program of analysis/ that draws.
void draw(const std::string& name, const std::vector<std::string>& arguments, Chatter chatter) {
  const std::filesystem::path script =
      std::filesystem::path(NUMASIM_SOURCE_DIR) / "analysis" / name;
  std::error_code ignored;
  if (!std::filesystem::exists(script, ignored)) {
    warn("no figure: " + script.string() + " is not there");
    return;
  }
  const std::string trouble = run_python(script.string(), arguments, chatter);
  if (!trouble.empty()) warn("no figure: " + name + ": " + trouble);
}

}  // namespace

void draw_figure(const std::filesystem::path& run_directory, Chatter chatter) {
  // A name that begins with '-' must not look like an option.
  draw("plot.py", {std::filesystem::absolute(run_directory).string()}, chatter);
}

void draw_validation_figure(const std::filesystem::path& table,
                            const std::filesystem::path& figure) {
  draw("plot_validation.py",
       {std::filesystem::absolute(table).string(), std::filesystem::absolute(figure).string()},
       Chatter::shown);
}

}  // namespace numasim::cli
