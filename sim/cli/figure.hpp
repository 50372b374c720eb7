#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace numasim::cli {

enum class Chatter { shown, hidden };

/// Draws the figure of a run directory with analysis/plot.py, whose complaints are shown or not.
/// A figure is an extra: when it fails, a warning says so and that is all.
void draw_figure(const std::filesystem::path& run_directory, Chatter chatter);

/// Draws recorded and simulated free pages over time, from the table of both, to a file. Warns when
/// that fails.
void draw_validation_figure(const std::filesystem::path& table,
                            const std::filesystem::path& figure);

/// Runs analysis/report.py with these arguments; its output and its complaints are shown. Returns
/// its exit code. Throws results::OutputError when it cannot be run to its end.
int make_report(const std::vector<std::string>& arguments);

}  // namespace numasim::cli
