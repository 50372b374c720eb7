#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/explain/difference.hpp"
#include "sim/explain/first_step.hpp"
#include "sim/run/finished_run.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "steps", .help = "run both again and find the first step in which they differ"},
    {.name = "json", .help = "as one JSON document"}};

constexpr Syntax kSyntax{
    .command = "diff",
    .operands = "RUN_A RUN_B",
    .least_operands = 2,
    .most_operands = 2,
    .purpose =
        "Compares two finished runs: the settings that differ, the moment at which they part, the\n"
        "results that differ. Exit code 0: the same; 1: they differ.",
    .options = kOptions,
    .examples =
        "  numasim diff runs/quickstart-1 runs/quickstart-2\n"
        "  numasim diff runs/quickstart-1 runs/quickstart-2 --steps --json\n"};

}  // namespace

std::vector<Syntax> diff_syntaxes() { return {kSyntax}; }

int diff_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  const std::string &a = arguments.operands()[0], &b = arguments.operands()[1];
  nlohmann::ordered_json difference = explain::difference(a, b);
  if (arguments.has("steps"))
    difference["first_step"] =
        explain::first_step_apart(read_finished_run(a).scenario, read_finished_run(b).scenario);
  print(arguments.has("json") ? difference.dump(2) + '\n' : explain::difference_text(difference));
  return difference.at("same").get<bool>() ? kOk : kFailed;
}

}  // namespace numasim::cli
