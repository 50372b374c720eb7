#pragma once
// The model against recordings of a booted kernel: runs each as a prediction and compares.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/validation/case.hpp"
#include "sim/validation/verdict.hpp"

namespace numasim::validation {

struct ValidationPlan {
  std::vector<std::filesystem::path> folders;  // one a recording
  CaseOptions cases{};
  unsigned jobs = 1;
  std::optional<std::filesystem::path> out;       // keeps the run directories
  std::optional<std::filesystem::path> markdown;  // gets the tables as Markdown, and the figures
  std::vector<std::string> command_line;          // for provenance.json
  /// Draws the figure of a table of free pages over time. May be empty.
  std::function<void(const std::filesystem::path& table, const std::filesystem::path& figure)> draw;
};

struct Validation {
  std::vector<Verdict> verdicts;   // in the order of the folders
  std::vector<std::string> notes;  // what the reader of the table should know
  bool interrupted = false;
};

/// The folders below `place` that hold a recording, or `place` itself if it is one, in the order
/// of their names. Throws InputError when there is none.
std::vector<std::filesystem::path> recordings_below(const std::filesystem::path& place);

/// Runs all, each in a child process. Throws InputError, results::OutputError.
Validation validate_model(const ValidationPlan& plan);

}  // namespace numasim::validation
