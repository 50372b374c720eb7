#pragma once

#include <filesystem>

namespace numasim::cli {

enum class Chatter { shown, hidden };

/// Draws the figure of a run directory with analysis/plot.py, whose complaints are shown or not.
/// A figure is an extra: when it fails, a warning says so and that is all.
void draw_figure(const std::filesystem::path& run_directory, Chatter chatter);

}  // namespace numasim::cli
