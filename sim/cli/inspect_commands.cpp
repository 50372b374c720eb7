#include <algorithm>
#include <fstream>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/file_kind.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/run/input_check.hpp"
#include "sim/settings/load_scenario.hpp"
#include "sim/settings/scenario_settings.hpp"
#include "sim/settings/settings_schema.hpp"
#include "sim/settings/settings_text.hpp"
#include "sim/sweep/plan.hpp"
#include "workloads/state_file.hpp"

namespace numasim::cli {
namespace {

constexpr std::size_t kMostFiles = 10'000;

constexpr Option kSetOption{.name = "set",
                            .argument = "PATH=VALUE",
                            .help = "change a setting, as in kernel.hz=1000",
                            .repeatable = true};

constexpr Option kShowOptions[] = {kSetOption,
                                   {.name = "seed",
                                    .argument = "N",
                                    .help = "seed of every random choice",
                                    .otherwise = "the scenario's"}};

constexpr Syntax kShowSyntax{
    .command = "show-config",
    .operands = "SCENARIO",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Prints a scenario as it would run: what it extends merged in, every default filled "
        "in.\nThe output is itself a scenario that gives the same run.",
    .options = kShowOptions,
    .examples = "  numasim show-config configs/scenarios/quickstart.json\n"};

constexpr Option kValidateOptions[] = {
    {.name = "quiet", .help = "nothing about files that are right", .letter = 'q'}};

constexpr Syntax kValidateSyntax{
    .command = "validate",
    .operands = "FILE...",
    .least_operands = 1,
    .most_operands = kMostFiles,
    .purpose =
        "Checks scenarios with the files they name, sweeps at every point, and traces and state "
        "files\nby themselves; "
        "runs\n"
        "nothing. Lists every fault with its place. The kind of a file is told from its content.",
    .options = kValidateOptions,
    .examples =
        "  numasim validate configs/scenarios/*.json\n"
        "  numasim validate workload.jsonl.gz\n"};

constexpr Option kSettingsOptions[] = {
    {.name = "markdown", .help = "as the table of configs/README.md"}};

constexpr Syntax kSettingsSyntax{.command = "settings",
                                 .operands = "",
                                 .purpose = "Lists everything a scenario can set.",
                                 .options = kSettingsOptions,
                                 .examples = "  numasim settings --markdown\n"};

constexpr Syntax kSchemaSyntax{
    .command = "schema",
    .operands = "",
    .purpose = "Prints the JSON Schema (draft 2020-12) of scenario files, for editors and tools.",
    .options = {},
    .examples = "  numasim schema > scenario.schema.json\n"};

void check(const std::string& file, FileKind kind) {
  switch (kind) {
    case FileKind::trace:
      return check_trace(file);
    case FileKind::state:
      read_state(file);
      return;
    case FileKind::sweep:
      sweep::SweepPlan(sweep::read_sweep_file(file), {}, std::nullopt);
      return;
    case FileKind::scenario:
      return check_input_files(load_scenario(file));
  }
}

/// Every file is looked at, whatever is wrong with the ones before it.
ExitCode validate(const std::string& file, const Arguments& arguments) {
  try {
    const FileKind kind = kind_of_file(file);
    check(file, kind);
    if (!arguments.has("quiet")) print(file + ": " + std::string(to_string(kind)) + " is valid\n");
    return kOk;
  } catch (const FileError& error) {
    complain_about(error);
    return kFileTrouble;
  } catch (const InputError& error) {
    complain_about(error);
    return kBadInput;
  }
}

}  // namespace

std::vector<Syntax> validate_syntaxes() { return {kValidateSyntax}; }

int validate_command(const Args& args) {
  const Arguments arguments = parse_arguments(kValidateSyntax, args);
  if (printed_help(kValidateSyntax, arguments)) return kOk;
  ExitCode worst = kOk;
  for (const std::string& file : arguments.operands())
    worst = std::max(worst, validate(file, arguments));
  return worst;
}

std::vector<Syntax> show_config_syntaxes() { return {kShowSyntax}; }

int show_config_command(const Args& args) {
  const Arguments arguments = parse_arguments(kShowSyntax, args);
  if (printed_help(kShowSyntax, arguments)) return kOk;
  std::optional<std::uint64_t> seed;
  if (const auto text = arguments.value("seed")) seed = parse_count("seed", *text);
  const Scenario scenario =
      load_scenario(arguments.operands().front(), arguments.values("set"), seed);
  print(scenario_to_json(scenario).dump(2) + '\n');
  return kOk;
}

std::vector<Syntax> settings_syntaxes() { return {kSettingsSyntax}; }

int settings_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSettingsSyntax, args);
  if (arguments.has("help")) {
    print(help_text(kSettingsSyntax));
  } else if (arguments.has("markdown")) {
    print(settings_markdown(scenario_settings()));
  } else {
    print(settings_text(scenario_settings()));
  }
  return kOk;
}

std::vector<Syntax> schema_syntaxes() { return {kSchemaSyntax}; }

int schema_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSchemaSyntax, args);
  print(arguments.has("help")
            ? help_text(kSchemaSyntax)
            : settings_schema(scenario_settings(), "numasim scenario").dump(2) + '\n');
  return kOk;
}

}  // namespace numasim::cli
