#include "sim/sweep/child_pool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <map>

#include "tests/workloads/temporary_folder.hpp"

namespace numasim::sweep {
namespace {

using namespace std::chrono_literals;
using How = ChildEnd::How;

class ChildPool : public testing::Test {
 protected:
  /// Does `run` for each piece; `ends_` says how each went.
  bool work(std::size_t count, const std::function<int(std::size_t)>& run) {
    work_.count = count;
    work_.run = run;
    work_.log = [this](std::size_t piece) { return log(piece); };
    work_.ended = [this](std::size_t piece, ChildEnd end) {
      ends_[piece] = end;
      return go_on_(end);
    };
    return work_in_children(work_);
  }
  std::filesystem::path log(std::size_t piece) const {
    return folder_ / ("log" + std::to_string(piece));
  }

  test::TemporaryFolder folder_;
  ChildWork work_{.at_once = 2, .timeout = {}, .run = {}, .log = {}, .ended = {}};
  std::map<std::size_t, ChildEnd> ends_;
  std::function<bool(ChildEnd)> go_on_ = [](ChildEnd) { return true; };
};

/// Dies of `signal` without leaving a core.
[[noreturn]] void die_of(int signal) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  raise(signal);
  _exit(99);
}

[[noreturn]] void hang() {
  for (;;) pause();
}

TEST_F(ChildPool, TellsHowEachChildEndedAndGoesOn) {
  work_.timeout = 200ms;
  EXPECT_TRUE(work(6, [](std::size_t piece) -> int {
    if (piece == 1) die_of(SIGSEGV);
    if (piece == 2) die_of(SIGABRT);
    if (piece == 3) hang();
    return piece == 4 ? 3 : 0;
  }));
  EXPECT_EQ(ends_.size(), 6U);
  EXPECT_EQ(ends_[0].how, How::exited);
  EXPECT_EQ(ends_[0].code, 0);
  EXPECT_EQ(ends_[1].how, How::killed_by_signal);
  EXPECT_EQ(ends_[1].code, SIGSEGV);
  EXPECT_EQ(ends_[2].code, SIGABRT);
  EXPECT_EQ(ends_[3].how, How::timed_out);
  EXPECT_EQ(ends_[4].how, How::exited);
  EXPECT_EQ(ends_[4].code, 3);
  EXPECT_EQ(ends_[5].code, 0);
}

TEST_F(ChildPool, KeepsWhatEachChildSaysInItsOwnLog) {
  work(2, [](std::size_t piece) {
    std::cout << "out " << piece << '\n' << std::flush;
    std::cerr << "err " << piece << '\n';
    return 0;
  });
  EXPECT_EQ(test::content_of(log(0)), "out 0\nerr 0\n");
  EXPECT_EQ(test::content_of(log(1)), "out 1\nerr 1\n");
}

TEST_F(ChildPool, StartsNoMoreOnceToldSo) {
  work_.at_once = 1;
  go_on_ = [](ChildEnd end) { return end.code == 0; };
  EXPECT_TRUE(work(5, [](std::size_t piece) { return piece == 1 ? 1 : 0; }));
  EXPECT_EQ(ends_.size(), 2U);
}

TEST_F(ChildPool, EndsItsChildrenWhenInterrupted) {
  const pid_t parent = getpid();
  work_.at_once = 1;
  EXPECT_FALSE(work(3, [parent](std::size_t piece) -> int {
    if (piece == 0) return 0;
    if (piece == 1) kill(parent, SIGINT);
    hang();
  }));
  EXPECT_EQ(ends_[0].how, How::exited);
  EXPECT_EQ(ends_[1].how, How::interrupted);
}

TEST_F(ChildPool, WaitsForWhoeverStillWritesToTheLog) {
  // Two pieces with one log: the second one may not begin before the first one is gone.
  work_.log = {};
  const auto one_log = folder_ / "log";
  work_.count = 2;
  work_.run = [&](std::size_t) {
    std::ifstream marker(folder_ / "inside");
    if (marker) return 1;
    std::ofstream(folder_ / "inside") << "here";
    usleep(50'000);
    std::filesystem::remove(folder_ / "inside");
    return 0;
  };
  work_.log = [&](std::size_t) { return one_log; };
  work_.ended = [this](std::size_t piece, ChildEnd end) {
    ends_[piece] = end;
    return true;
  };
  EXPECT_TRUE(work_in_children(work_));
  EXPECT_EQ(ends_[0].code, 0);
  EXPECT_EQ(ends_[1].code, 0);
}

}  // namespace
}  // namespace numasim::sweep
