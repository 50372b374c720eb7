#pragma once
// How much recorded runs differ among themselves, from the table of perturbed repeats that comes
// with a set of recordings.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sim/validation/recording.hpp"
#include "sim/validation/verdict.hpp"

namespace numasim::validation {

/// Bands of one recording, by the name a target gives.
using Bands = std::map<std::string, Band>;

class SensitivityTable {
 public:
  /// Reads `file`. Throws InputError.
  explicit SensitivityTable(const std::filesystem::path& file);

  /// The table of the set that a recording is in, or of a set beside it; nothing if there is none.
  static std::optional<std::filesystem::path> find(const std::filesystem::path& recording);

  /// The bands of the workload that was recorded, if its repeats are in the table.
  Bands bands_of(const Recording& recording) const;

 private:
  nlohmann::json table_;
};

}  // namespace numasim::validation
