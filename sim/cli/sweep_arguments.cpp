#include "sim/cli/sweep_arguments.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "sim/cli/guard.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/settings/quantity.hpp"

namespace numasim::cli {
namespace {

using sweep::PlannedRun;
using sweep::RunState;

std::optional<std::chrono::nanoseconds> timeout(const Arguments& arguments) {
  const auto text = arguments.value("timeout");
  if (!text) return std::nullopt;
  constexpr Whole longest = Whole{365} * 24 * 3600 * 1'000'000'000;
  const auto parsed = parse_quantity(*text, Unit::nanoseconds);
  const Whole* nanoseconds = std::get_if<Whole>(&parsed);
  const bool has_unit = !text->empty() && text->back() == 's';
  if (nanoseconds == nullptr || !has_unit || *nanoseconds < 1 || *nanoseconds > longest)
    throw UsageError("--timeout expects a time with its unit, as in 90s or 500ms, found \"" +
                     *text + '"');
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*nanoseconds));
}

sweep::Earlier earlier(const Arguments& arguments) {
  if (arguments.has("resume") && arguments.has("force"))
    throw UsageError("--resume and --force exclude each other");
  if (arguments.has("resume")) return sweep::Earlier::resume;
  return arguments.has("force") ? sweep::Earlier::replace : sweep::Earlier::refuse;
}

}  // namespace

unsigned jobs_from(const Arguments& arguments) {
  const auto text = arguments.value("jobs");
  if (!text) return static_cast<unsigned>(std::clamp(sysconf(_SC_NPROCESSORS_ONLN), 1L, 1024L));
  const std::uint64_t count = parse_count("jobs", *text);
  if (count >= 1 && count <= kMostJobs) return static_cast<unsigned>(count);
  throw UsageError("--jobs expects 1.." + std::to_string(kMostJobs) + ", found " + *text);
}

sweep::SweepPlan plan_from(const Arguments& arguments) {
  std::optional<std::uint64_t> seed;
  if (const auto text = arguments.value("seed")) seed = parse_count("seed", *text);
  return {sweep::read_sweep_file(arguments.operands().front()), arguments.values("set"), seed};
}

sweep::SweepOptions sweep_options_from(const Arguments& arguments, const sweep::SweepPlan& plan,
                                       const std::string& folder, const std::string& command,
                                       const Args& args) {
  sweep::SweepOptions options;
  options.out = arguments.value("out").value_or(folder + '/' + plan.sweep().name);
  if (options.out.empty()) throw UsageError("--out needs the name of a directory");
  options.jobs = jobs_from(arguments);
  options.earlier = earlier(arguments);
  options.timeout = timeout(arguments);
  options.simgrid_args = arguments.values("simgrid");
  options.command_line = {"numasim", command};
  options.command_line.insert(options.command_line.end(), args.begin(), args.end());
  return options;
}

SweepNarrator::SweepNarrator(const Arguments& arguments, const sweep::SweepOptions& options)
    : out_(options.out),
      show_progress_(!arguments.has("quiet") && !arguments.has("no-progress") &&
                     isatty(STDERR_FILENO) != 0) {}

sweep::SweepCallbacks SweepNarrator::callbacks() {
  return {.guarded = guarded,
          .ended = [this](const PlannedRun& run, RunState state, std::size_t left) {
            ended(run, state, left);
          }};
}

void SweepNarrator::ended(const PlannedRun& run, RunState state, std::size_t left) {
  if (state != RunState::ok && state != RunState::missing) {
    clear();
    complain("run " + run.id + " (point " + std::to_string(run.point) + ", repeat " +
             std::to_string(run.repeat) + ") " + std::string(to_string(state)) + "; see " +
             out_.log(run.id).string());
  }
  if (show_progress_) std::cerr << '\r' << left << " runs left\033[K" << std::flush;
  shown_ = show_progress_;
}

void SweepNarrator::clear() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace numasim::cli
