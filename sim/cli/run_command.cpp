#include <unistd.h>

#include <csignal>
#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/figure.hpp"
#include "sim/cli/simgrid_args.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/experiment.hpp"
#include "sim/run/input_check.hpp"
#include "sim/settings/load_scenario.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "set",
     .argument = "PATH=VALUE",
     .help = "change a setting, as in machine.nodes.0.memory_bytes=1GiB",
     .repeatable = true},
    {.name = "seed",
     .argument = "N",
     .help = "seed of every random choice",
     .otherwise = "the scenario's"},
    {.name = "out", .argument = "DIR", .help = "the run directory", .otherwise = "runs/NAME-SEED"},
    {.name = "force", .help = "replace a run that is there already"},
    {.name = "save-state",
     .argument = "FILE",
     .help = "write the allocator's state at the end, to start another run from"},
    {.name = "json", .help = "print the summary as one JSON document"},
    {.name = "no-figure", .help = "draw no figure"},
    {.name = "no-progress", .help = "no progress on the terminal"},
    {.name = "quiet", .help = "no summary, no progress, only errors", .letter = 'q'},
    {.name = "werror", .help = "exit with 1 if there was a warning"},
    {.name = "dry-run", .help = "check scenario and trace, run nothing, write nothing"},
    {.name = "step-by-step",
     .help = "make every event a step of SimGrid: much slower, with the same results"},
    {.name = "simgrid",
     .argument = "ARG",
     .help = "pass --cfg=... or --log=... on to SimGrid",
     .repeatable = true},
};

constexpr Syntax kSyntax{
    .command = "run",
    .operands = "SCENARIO",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Simulates a scenario (\"-\": from standard input), leaves a run directory, draws its "
        "figure\nand prints a summary.",
    .options = kOptions,
    .examples =
        "  numasim run configs/scenarios/quickstart.json\n"
        "  numasim run configs/scenarios/quickstart.json --seed 2 \\\n"
        "      --set kernel.min_free_kbytes=4096 --out runs/more_reserve\n"};

std::filesystem::path output_directory(const Arguments& arguments, const Scenario& scenario) {
  if (const auto out = arguments.value("out")) {
    if (out->empty()) throw UsageError("--out needs the name of a directory");
    return *out;
  }
  return std::filesystem::path("runs") / (scenario.name + '-' + std::to_string(scenario.seed));
}

Progress progress(const Arguments& arguments) {
  const bool wanted = !arguments.has("quiet") && !arguments.has("no-progress");
  return wanted && isatty(STDERR_FILENO) != 0 ? Progress::on_terminal : Progress::silent;
}

RunOptions run_options(const Arguments& arguments, const Scenario& scenario, const Args& args) {
  RunOptions options;
  options.out = output_directory(arguments, scenario);
  if (arguments.has("force")) options.if_present = results::IfPresent::replace;
  if (const auto file = arguments.value("save-state")) options.save_state = *file;
  options.progress = progress(arguments);
  options.simgrid_args = arguments.values("simgrid");
  options.step_by_step = arguments.has("step-by-step");
  options.command_line = {"numasim", "run"};
  options.command_line.insert(options.command_line.end(), args.begin(), args.end());
  return options;
}

Scenario load(const Arguments& arguments) {
  std::optional<std::uint64_t> seed;
  if (const auto text = arguments.value("seed")) seed = parse_count("seed", *text);
  return load_scenario(arguments.operands().front(), arguments.values("set"), seed);
}

/// The files written so far keep their temporary names, so nobody takes them for a run.
void end_at_once(int) {
  constexpr std::string_view message = "numasim: interrupted\n";
  [[maybe_unused]] const auto ignored = write(STDERR_FILENO, message.data(), message.size());
  _exit(kInterrupted);
}

void print_result(const Arguments& arguments, const RunResult& result,
                  const std::filesystem::path& out) {
  if (arguments.has("json")) {
    print(result.summary.dump(2) + '\n');
  } else if (!arguments.has("quiet")) {
    const bool ended = result.summary_text.empty() || result.summary_text.back() == '\n';
    print(result.summary_text + (ended ? "" : "\n") + "results in " + out.string() + '\n');
  }
}

}  // namespace

std::vector<Syntax> run_syntaxes() { return {kSyntax}; }

int run_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  check_simgrid_args(arguments.values("simgrid"));
  const Scenario scenario = load(arguments);
  const RunOptions options = run_options(arguments, scenario, args);
  if (arguments.has("dry-run")) {
    check_input_files(scenario);
    return kOk;
  }

  std::signal(SIGINT, end_at_once);  // until the run has a handler of its own
  const RunResult result = run_experiment(scenario, options);
  if (result.exit_code != kOk) {
    std::cerr << result.summary_text;
    return result.exit_code;
  }
  if (!arguments.has("no-figure"))
    draw_figure(options.out, arguments.has("quiet") ? Chatter::hidden : Chatter::shown);
  print_result(arguments, result, options.out);
  return arguments.has("werror") && warnings() > 0 ? kFailed : kOk;
}

}  // namespace numasim::cli
