#include "sim/explain/first_step.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/export/exports.hpp"
#include "sim/run/input_check.hpp"

namespace numasim::explain {
namespace {

/// A run in a child process that tells its steps line by line.
class Teller {
 public:
  explicit Teller(const Scenario& scenario) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe can be had");
    child_ = fork();
    if (child_ < 0) throw std::runtime_error("no process can be made");
    if (child_ == 0) {
      close(ends[0]);
      tell(scenario, ends[1]);
    }
    close(ends[1]);
    in_ = ends[0];
  }
  ~Teller() {
    close(in_);
    if (!ended_) kill(child_, SIGKILL);
    if (!ended_) waitpid(child_, nullptr, 0);
  }
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  /// The next line; nothing when the run has ended.
  std::optional<std::string> next() {
    std::size_t end = text_.find('\n', at_);
    while (end == std::string::npos) {
      text_.erase(0, at_);
      at_ = 0;
      if (!read_more()) return std::nullopt;
      end = text_.find('\n');
    }
    std::string line = text_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }

 private:
  [[noreturn]] static void tell(const Scenario& scenario, int out) {
    std::string pending;
    const auto flush = [&] {
      for (std::size_t done = 0; done < pending.size();) {
        const ssize_t more = write(out, pending.data() + done, pending.size() - done);
        if (more <= 0) _exit(1);  // the reader has seen enough
        done += static_cast<std::size_t>(more);
      }
      pending.clear();
    };
    std::signal(SIGPIPE, SIG_IGN);
    try {
      exporting::export_ftrace(scenario, exporting::FtraceFlavour::exact,
                               [&](std::string_view text) {
                                 pending += text;
                                 if (pending.size() > kPiece) flush();
                               });
      flush();
    } catch (const std::exception&) {
      _exit(1);
    }
    _exit(0);
  }

  bool read_more() {
    std::array<char, kPiece> piece{};
    const ssize_t got = read(in_, piece.data(), piece.size());
    if (got > 0) {
      text_.append(piece.data(), static_cast<std::size_t>(got));
      return true;
    }
    int status = 0;
    if (!ended_) waitpid(child_, &status, 0);
    ended_ = true;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      throw std::runtime_error("a run could not be carried out again");
    return false;
  }

  static constexpr std::size_t kPiece = 1 << 16;
  pid_t child_ = -1;
  int in_ = -1;
  bool ended_ = false;
  std::string text_;
  std::size_t at_ = 0;  // where the next line begins
};

nlohmann::ordered_json or_null(const std::optional<std::string>& line) {
  return line ? nlohmann::ordered_json(*line) : nlohmann::ordered_json();
}

}  // namespace

nlohmann::ordered_json first_step_apart(const Scenario& a, const Scenario& b) {
  check_input_files(a);
  check_input_files(b);
  Teller of_a(a), of_b(b);
  for (std::uint64_t step = 1;; ++step) {
    const auto line_a = of_a.next(), line_b = of_b.next();
    if (!line_a && !line_b) return nullptr;
    if (line_a != line_b) return {{"step", step}, {"a", or_null(line_a)}, {"b", or_null(line_b)}};
  }
}

}  // namespace numasim::explain
