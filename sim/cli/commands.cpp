#include "sim/cli/commands.hpp"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>

#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/version.hpp"
#include "workloads/input_error.hpp"

namespace numasim::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "simulate a scenario and leave a run directory", run_command, run_syntaxes},
    {"validate", "check scenarios and traces; lists every fault", validate_command,
     validate_syntaxes},
    {"show-config", "print a scenario with every default filled in", show_config_command,
     show_config_syntaxes},
    {"settings", "list everything a scenario can set", settings_command, settings_syntaxes},
    {"schema", "print the JSON Schema of scenarios", schema_command, schema_syntaxes},
    {"trace", "make a workload from a seed, count or convert a trace", trace_command,
     trace_syntaxes},
    {"sweep", "run a scenario at every point of a design", sweep_command, sweep_syntaxes},
    {"size", "find the smallest setting that keeps a metric within a limit", size_command,
     size_syntaxes},
    {"collect", "make one table of a sweep's shards, or of runs", collect_command,
     collect_syntaxes},
    {"explain", "tell why a request for pages failed or took long", explain_command,
     explain_syntaxes},
    {"diff", "compare two runs: where they part, and what differs", diff_command, diff_syntaxes},
    {"report", "draw a run or a sweep, or two beside each other, into one page", report_command,
     report_syntaxes},
    {"export", "write a run for other programs: ftrace, /proc, Perfetto, flame graphs",
     export_command, export_syntaxes},
    {"import", "make a scenario of recorded kernel activity", import_command, import_syntaxes},
    {"conform", "replay recorded decisions of the kernel", conform_command, conform_syntaxes},
    {"validate-model", "run recorded scenarios as predictions and compare", validate_model_command,
     validate_model_syntaxes},
    {"completion", "print a script that completes command lines", completion_command,
     completion_syntaxes},
    {"man", "print the manual page", man_command, man_syntaxes},
};

constexpr Option kVersionOptions[] = {{.name = "json", .help = "as a JSON document"}};
constexpr Syntax kVersionSyntax{
    .command = "--version",
    .operands = "",
    .purpose = "Prints the versions of numasim, its source and SimGrid.",
    .options = kVersionOptions,
    .examples = "  numasim --version --json\n"};

std::string padded(std::string_view text, std::size_t width) {
  std::string line(text);
  line.resize(std::max(width, line.size()), ' ');
  return line;
}

std::string usage() {
  std::string text =
      "usage: numasim COMMAND [options]\n\n"
      "Simulates the page allocator of Linux 2.6.24 on a NUMA machine.\n\ncommands:\n";
  for (const Command& command : kCommands)
    if (!command.summary.empty())
      text += "  " + padded(command.name, 16) + std::string(command.summary) + '\n';
  text +=
      "\n  numasim COMMAND --help    options of a command, with defaults and examples\n"
      "  numasim --version         versions; with --json as JSON\n\nexit codes:\n";
  for (const ExitCodeHelp& entry : kExitCodes)
    text += "  " + padded(std::to_string(entry.code), 5) + entry.meaning + '\n';
  text += "\nexample:\n  numasim run configs/scenarios/quickstart.json\n";
  return text;
}

int print_version(const Args& args) {
  const Arguments arguments = parse_arguments(kVersionSyntax, args);
  const Version version = numasim::version();
  if (arguments.has("help")) {
    print(help_text(kVersionSyntax));
  } else if (arguments.has("json")) {
    const nlohmann::ordered_json json = {{"version", version.number},
                                         {"git_hash", version.git_hash},
                                         {"simgrid_version", version.simgrid}};
    print(json.dump(2) + '\n');
  } else {
    print("numasim " + std::string(version.number) + " (git " + std::string(version.git_hash) +
          ", SimGrid " + std::string(version.simgrid) + ")\n");
  }
  return kOk;
}

[[noreturn]] void fail_unknown(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands)
    if (!command.summary.empty()) names.push_back(command.name);
  const std::string hint = did_you_mean(name, names);
  const bool option = name.starts_with('-');
  throw UsageError((option ? "unknown option " : "unknown command ") + name +
                   (hint.empty() ? "; see numasim --help" : "; " + hint));
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int dispatch(const Args& args) {
  if (args.empty()) {
    std::cerr << usage();
    return kUsage;
  }
  const std::string& name = args.front();
  const Args rest(args.begin() + 1, args.end());
  if (name == "--help" || name == "-h" || name == "help") {
    print(usage());
    return kOk;
  }
  if (name == "--version") return print_version(rest);
  for (const Command& command : kCommands)
    if (command.name == name) return command.run(rest);
  fail_unknown(name);
}

bool printed_help(const Syntax& syntax, const Arguments& arguments) {
  if (arguments.has("help")) print(help_text(syntax));
  return arguments.has("help");
}

}  // namespace numasim::cli
