#include "sim/sweep/slurm.hpp"

#include <algorithm>
#include <string_view>

namespace numasim::sweep {
namespace {

bool is_plain(char c) {
  constexpr std::string_view others = "_-./:=,+@%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}

std::string job_name(std::string name) {
  std::ranges::replace_if(
      name, [](char c) { return !is_plain(c) || c == '%'; }, '_');
  return name.empty() ? "sweep" : name;
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + '\'';
}

std::string slurm_script(const SlurmJob& job) {
  const std::string tasks = std::to_string(job.tasks);
  const std::string log = (job.directory / "slurm" / "%A_%a.out").string();
  std::string text =
      "#!/bin/bash\n"
      "# Each task runs one part of the sweep; the last one to end makes results.csv.\n"
      "# Submitted again, it runs what is missing or failed.\n"
      "#SBATCH --job-name=" +
      job_name(job.name) + '\n' + "#SBATCH --array=1-" + tasks + '\n' +
      "#SBATCH --cpus-per-task=" + std::to_string(job.cpus_per_task) + '\n' +
      "#SBATCH --output=\"" + log + "\"\n";
  for (const std::string& option : job.options) text += "#SBATCH " + option + '\n';
  text += "exec";
  for (const std::string& word : job.command) text += ' ' + shell_word(word);
  return text + " --resume --shard \"$SLURM_ARRAY_TASK_ID/" + tasks +
         "\" -j \"${SLURM_CPUS_PER_TASK:-1}\"\n";
}

}  // namespace numasim::sweep
