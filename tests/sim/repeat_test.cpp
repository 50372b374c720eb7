// The same program gives the same run. Each run needs a process of its own.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "tests/sim/crew.hpp"

namespace numasim {
namespace {

/// Everything at once: CPUs shared and alone, buses, a full device, sleeps, wakes and a time-out.
std::string busy_run() {
  MachineConfig config = plain_machine(2, 2);
  config.memory_bus.flow_chunk = PageCount{16};
  config.disks[0].nr_requests = 8;
  Crew crew(config);
  WaitQueue queue("q");
  for (int i = 0; i < 7; ++i) {
    crew.add("t" + std::to_string(i), i % 4, [&crew, &queue, i](Task& task) {
      for (int round = 0; round < 40; ++round) {
        crew.spend(task, SimDuration{100 + 37 * i});
        crew.machine.touch(task, NodeId{static_cast<std::uint16_t>(round % 2)},
                           to_bytes(PageCount{1 + round % 20}), Traffic::touch);
        const auto page = static_cast<std::uint64_t>(1000 * i + 3 * round);
        crew.machine.submit(task, {IoDirection::write, DeviceId{0}, page * 8, Bytes{kPageBytes}});
        if (round % 8 == i) crew.machine.wait(task, queue, Jiffies{2});
        if (round % 3 == 0) crew.machine.wake_one(queue);
        crew.note(task, std::to_string(round));
      }
    });
  }
  const RunEnd end = crew.machine.run();
  std::string text = std::to_string(to_ns(end.date)) + '\n';
  for (const std::string& line : crew.log) text += line + '\n';
  return text;
}

/// What `run` returns in a child process.
std::string in_child(std::string (*run)()) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = run();
    std::size_t written = 0;
    while (written < text.size()) {
      const ssize_t more = write(pipe_ends[1], text.data() + written, text.size() - written);
      if (more <= 0) _exit(1);
      written += static_cast<std::size_t>(more);
    }
    _exit(0);
  }
  close(pipe_ends[1]);
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got; (got = read(pipe_ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return status == 0 ? text : "the child failed";
}

TEST(Repeat, TheSameProgramTwiceGivesTheSameLog) {
  const std::string first = in_child(busy_run);
  const std::string second = in_child(busy_run);
  EXPECT_GT(first.size(), 7u * 40u * 5u);
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace numasim
