#pragma once
// A recording to be judged: what was recorded, how it is run, what is compared.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/validation/bands.hpp"
#include "sim/validation/quantity.hpp"
#include "sim/validation/recording.hpp"
#include "sim/validation/variation.hpp"

namespace numasim::validation {

struct Case {
  Recording recording;
  std::string label;  // unlike that of every other case; names files
  Account recorded{};
  std::vector<Quantity> quantities{};
  std::vector<Variation> variations{};
  Bands bands{};
  std::optional<std::string> trouble{};  // why there is nothing to judge
};

struct CaseOptions {
  std::size_t repeats = 8;                             // of what differs from run to run
  std::optional<std::filesystem::path> sensitivity{};  // absent: looked for beside the recordings
};

/// Reads the recordings. Those in which nothing ran but the machine or a replayed list are left
/// out unless `folders` names them alone. Throws InputError.
std::vector<Case> read_cases(const std::vector<std::filesystem::path>& folders,
                             const CaseOptions& options);

/// What a run hands over: a reading for each quantity of its case.
struct Outcome {
  std::vector<Reading> readings;
  std::vector<std::string> notes;
};

/// Runs one variation of a case in this process and leaves in `place` a run directory of that name
/// and an outcome. SimGrid allows one call in a process.
void run_case(const Case& of, const Variation& variation, const std::filesystem::path& place,
              const std::vector<std::string>& command_line);

/// What run_case left there; nothing when it did not come so far.
std::optional<Outcome> read_outcome(const std::filesystem::path& place);

/// The tables of free pages over time that run_case left there, for the figure.
std::filesystem::path free_pages_table(const std::filesystem::path& place);

}  // namespace numasim::validation
