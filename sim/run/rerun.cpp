#include "sim/run/rerun.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <iostream>

#include "sim/run/machine_state.hpp"
#include "workloads/state_file.hpp"

namespace numasim {
namespace {

std::optional<MachineState> read_start_state(const Scenario& scenario) {
  if (scenario.run.start_state.empty()) return std::nullopt;
  return read_state(scenario.run.start_state);
}

bool write_all(int file, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t more = write(file, text.data() + done, text.size() - done);
    if (more <= 0) return false;
    done += static_cast<std::size_t>(more);
  }
  return true;
}

/// Ends the process without the parent's own tidying up.
[[noreturn]] void be_child(int out, const std::function<std::string()>& run) {
  try {
    _exit(write_all(out, run()) ? 0 : 1);
  } catch (const std::exception& error) {
    std::cerr << "numasim: " << error.what() << std::endl;
    _exit(1);
  }
}

std::string read_all(int file) {
  std::string text;
  std::array<char, 65536> part{};
  for (ssize_t got = 0; (got = read(file, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  return text;
}

}  // namespace

Rerun::Rerun(const Scenario& scenario)
    : scenario_(scenario),
      start_state_(read_start_state(scenario)),
      survey_(survey_trace(scenario, start_state_)),
      simulation_(scenario, survey_) {
  if (start_state_) take_up(*start_state_, scenario.run.start_state, simulation_.kernel());
}

RunEnd Rerun::run(Observer& observer, Steps::Detail detail,
                  const std::function<void()>& at_sample) {
  Steps& steps = simulation_.kernel().memory().steps();
  steps.listen(&observer, detail);
  at_sample();
  simulation_.machine().every(scenario_.run.sample_interval, at_sample);
  const RunEnd end = simulation_.run();
  steps.listen(nullptr);
  at_sample();
  return end;
}

std::optional<std::string> in_child_process(const std::function<std::string()>& run) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return std::nullopt;
  }
  if (child == 0) {
    close(ends[0]);
    be_child(ends[1], run);
  }
  close(ends[1]);
  std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return text;
}

}  // namespace numasim
