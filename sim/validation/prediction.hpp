#pragma once
// One run of a recorded scenario as a prediction: the recorded machine, in the recorded state,
// with programs that do what the recorded ones did. Nothing of what happened is read.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/validation/account.hpp"
#include "sim/validation/recording.hpp"
#include "sim/validation/variation.hpp"

namespace numasim::validation {

/// Why a recording cannot be run as a prediction; nothing when it can.
std::optional<std::string> cannot_predict(const Recording& recording);

struct Prediction {
  Account account;
  std::vector<std::string> notes;  // what the reader of the result should know
};

/// Simulates it, or a variation of it, and leaves a run directory. SimGrid allows one call in a
/// process. Requires: it can be predicted. Throws InputError, results::OutputError.
Prediction predict(const Recording& recording, const Variation& variation,
                   const std::filesystem::path& run_directory,
                   const std::vector<std::string>& command_line);

}  // namespace numasim::validation
