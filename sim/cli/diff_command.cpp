#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/explain/difference.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {{.name = "json", .help = "as one JSON document"}};

constexpr Syntax kSyntax{
    .command = "diff",
    .operands = "RUN_A RUN_B",
    .least_operands = 2,
    .most_operands = 2,
    .purpose =
        "Compares two finished runs: the settings that differ, the moment at which they part, the\n"
        "results that differ. Exit code 0: the same; 1: they differ.",
    .options = kOptions,
    .examples = "  numasim diff runs/quickstart-1 runs/quickstart-2\n"};

}  // namespace

std::vector<Syntax> diff_syntaxes() { return {kSyntax}; }

int diff_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (arguments.has("help")) {
    print(help_text(kSyntax));
    return kOk;
  }
  const nlohmann::ordered_json difference =
      explain::difference(arguments.operands()[0], arguments.operands()[1]);
  print(arguments.has("json") ? difference.dump(2) + '\n' : explain::difference_text(difference));
  return difference.at("same").get<bool>() ? kOk : kFailed;
}

}  // namespace numasim::cli
