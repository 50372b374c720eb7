#include "sim/sweep/child_pool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <vector>

#include "sim/results/output_file.hpp"

namespace numasim::sweep {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr int kCannotLog = 4;  // the exit code for files that cannot be written

/// While it lives, children and signals are waited for, not caught.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigemptyset(&set_);
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) sigaddset(&set_, signal);
    sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  ~BlockedSignals() { restore(); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  void restore() const { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  /// The next signal; nothing if `deadline` comes first.
  std::optional<int> wait(std::optional<Clock::time_point> deadline) const {
    if (!deadline) {
      const int signal = sigwaitinfo(&set_, nullptr);
      return signal > 0 ? std::optional(signal) : std::nullopt;
    }
    const auto left = std::max<nanoseconds>(*deadline - Clock::now(), nanoseconds{0});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec limit{seconds.count(), (left - seconds).count()};
    const int signal = sigtimedwait(&set_, nullptr, &limit);
    return signal > 0 ? std::optional(signal) : std::nullopt;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

/// Opens the log and waits until no other child writes to it: one that outlived its parent by a
/// moment, or a second sweep in the same place.
bool take_log(const std::filesystem::path& path) {
  const int log = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (log < 0) return false;
  while (flock(log, LOCK_EX) != 0)
    if (errno != EINTR) break;  // a file system without locks
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return ftruncate(log, 0) == 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
         dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
}

[[noreturn]] void be_child(const ChildWork& work, std::size_t piece, pid_t parent,
                           const BlockedSignals& signals) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotLog);  // it died before the line above
  setpgid(0, 0);                               // Ctrl-C is the parent's business
  signals.restore();
  if (!take_log(work.log(piece))) _exit(kCannotLog);
  const int code = work.run(piece);
  std::fflush(nullptr);
  _exit(code);
}

class ChildPool {
 public:
  explicit ChildPool(const ChildWork& work) : work_(work) {}
  ChildPool(const ChildPool&) = delete;
  ChildPool& operator=(const ChildPool&) = delete;
  ~ChildPool() { kill_all(); }

  bool work() {
    for (;;) {
      while (may_start()) start(next_++);
      if (children_.empty()) return true;
      const auto signal = signals_.wait(next_deadline());
      if (signal && *signal != SIGCHLD) return interrupted();
      collect();
      kill_late();
    }
  }

 private:
  struct Child {
    pid_t pid = 0;
    std::size_t piece = 0;
    std::optional<Clock::time_point> deadline;
    bool late = false;
  };

  bool may_start() const {
    return !stopped_ && next_ < work_.count && children_.size() < std::max(work_.at_once, 1U);
  }

  void start(std::size_t piece) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) be_child(work_, piece, parent, signals_);
    if (pid < 0)
      throw results::OutputError(std::string("cannot start a process: ") + std::strerror(errno));
    Child& child = children_.emplace_back(Child{.pid = pid, .piece = piece, .deadline = {}});
    if (work_.timeout) child.deadline = Clock::now() + *work_.timeout;
  }

  std::optional<Clock::time_point> next_deadline() const {
    std::optional<Clock::time_point> earliest;
    for (const Child& child : children_)
      if (child.deadline && (!earliest || *child.deadline < *earliest)) earliest = child.deadline;
    return earliest;
  }

  void kill_late() {
    for (Child& child : children_) {
      if (!child.deadline || *child.deadline > Clock::now()) continue;
      child.late = true;
      child.deadline.reset();
      kill(child.pid, SIGKILL);
    }
  }

  /// Signals of several children may come as one, so all are asked.
  void collect() {
    for (std::size_t i = 0; i < children_.size();) {
      int status = 0;
      if (waitpid(children_[i].pid, &status, WNOHANG) != children_[i].pid) {
        ++i;
        continue;
      }
      const Child child = children_[i];
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
      if (!work_.ended(child.piece, end_of(child, status))) stopped_ = true;
    }
  }

  static ChildEnd end_of(const Child& child, int status) {
    using How = ChildEnd::How;
    if (WIFEXITED(status)) return {How::exited, WEXITSTATUS(status)};
    return {child.late ? How::timed_out : How::killed_by_signal, WTERMSIG(status)};
  }

  bool interrupted() {
    collect();
    const std::vector<Child> cut_off = children_;
    kill_all();
    for (const Child& child : cut_off)
      work_.ended(child.piece, {ChildEnd::How::interrupted, SIGKILL});
    return false;
  }

  void kill_all() {
    for (const Child& child : children_) kill(child.pid, SIGKILL);
    for (const Child& child : children_)
      while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) continue;
    children_.clear();
  }

  const ChildWork& work_;
  BlockedSignals signals_;
  std::vector<Child> children_;
  std::size_t next_ = 0;
  bool stopped_ = false;
};

}  // namespace

bool work_in_children(const ChildWork& work) {
  std::fflush(nullptr);  // or each child would write it again
  return ChildPool(work).work();
}

}  // namespace numasim::sweep
