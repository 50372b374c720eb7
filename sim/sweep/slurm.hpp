#pragma once
// Sweeps on a cluster: a job array for Slurm in which each task runs one part of the sweep.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace numasim::sweep {

struct SlurmJob {
  std::string name;                  // of the job; blanks and the like are replaced
  std::filesystem::path directory;   // the sweep's, absolute, seen by all nodes
  std::size_t tasks = 1;             // parts of the sweep
  unsigned cpus_per_task = 1;        // runs at once in a task
  std::vector<std::string> options;  // further ones of sbatch: "--time=01:00:00"
  std::vector<std::string> command;  // the sweep to run, without --shard, -j and --resume
};

/// The script for sbatch. Submitted again it goes on with what is missing or failed; the task that
/// ends last makes results.csv.
std::string slurm_script(const SlurmJob& job);

/// A text as one word of a shell command.
std::string shell_word(const std::string& text);

}  // namespace numasim::sweep
