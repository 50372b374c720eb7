#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "out", .argument = "DIR", .help = "folder for scenario.json and its files"},
    {.name = "force", .help = "replace what an import left there before"},
};

constexpr Syntax kSyntax{.command = "import",
                         .operands = "FORMAT PATH",
                         .least_operands = 2,
                         .most_operands = 2,
                         .purpose = "Makes a scenario of recorded kernel activity.",
                         .options = kOptions,
                         .examples =
                             "  numasim import kernel2624 recordings/anon2 --out anon2\n"
                             "  numasim run anon2/scenario.json\n"};

}  // namespace

int import_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (!arguments.has("help")) throw UsageError("import is not built yet");
  print(help_text(kSyntax));
  return kOk;
}

}  // namespace numasim::cli
