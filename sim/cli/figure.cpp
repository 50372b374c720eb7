#include "sim/cli/figure.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/terminal.hpp"
#include "sim/results/output_file.hpp"

extern char** environ;

namespace numasim::cli {
namespace {

/// Not the first python3 on PATH: only Debian's has Debian's matplotlib.
constexpr const char* kPython = "/usr/bin/python3";

/// What becomes of the standard output of a program of analysis/.
enum class Output { ours, dropped };

class SpawnSettings {
 public:
  SpawnSettings(Output output, Chatter chatter) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    if (output == Output::dropped)
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

/// How a program of analysis/ ended.
struct Ending {
  std::optional<int> exit_code;  // none: it did not come to its end
  std::string trouble;           // what went wrong; empty: nothing

  static Ending broken(std::string why) { return {std::nullopt, std::move(why)}; }
};

std::filesystem::path program(const std::string& name) {
  return std::filesystem::path(NUMASIM_SOURCE_DIR) / "analysis" / name;
}

Ending run_python(const std::filesystem::path& script, const std::vector<std::string>& arguments,
                  Output output, Chatter chatter) {
  std::error_code ignored;
  if (!std::filesystem::exists(script, ignored))
    return Ending::broken(script.string() + " is not there");
  std::vector<std::string> words{kPython, script.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const SpawnSettings settings(output, chatter);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, kPython, settings.actions(), settings.attributes(), argv.data(), environ);
  if (error != 0) return Ending::broken(kPython + std::string(": ") + std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return Ending::broken(std::strerror(errno));
  const std::string name = script.filename().string();
  if (WIFSIGNALED(status))
    return Ending::broken(name + ": it was ended by signal " + std::to_string(WTERMSIG(status)));
  const int code = WEXITSTATUS(status);
  return {code, code == 0 ? std::string() : name + ": it ended with " + std::to_string(code)};
}

/// Runs a program of analysis/ that draws.
void draw(const std::string& name, const std::vector<std::string>& arguments, Chatter chatter) {
  // Its stdout names the file it drew, ours is data.
  const Ending ending = run_python(program(name), arguments, Output::dropped, chatter);
  if (!ending.trouble.empty()) warn("no figure: " + ending.trouble);
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

int make_report(const std::vector<std::string>& arguments) {
  const Ending ending = run_python(program("report.py"), arguments, Output::ours, Chatter::shown);
  if (!ending.exit_code) throw results::OutputError("no report: " + ending.trouble);
  return *ending.exit_code;
}

}  // namespace numasim::cli
