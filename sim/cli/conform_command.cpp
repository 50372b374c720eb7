#include <algorithm>
#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/conform/conform.hpp"

namespace numasim::cli {
namespace {

constexpr std::size_t kMostFiles = 10'000;

constexpr Option kOptions[] = {
    {.name = "family", .argument = "NAME", .help = "only recordings of this family"},
    {.name = "case", .argument = "NAME", .help = "only the case, or the stream, of this name"},
    {.name = "stop-after", .argument = "N", .help = "stop after so many failed cases"}};

constexpr Syntax kSyntax{
    .command = "conform",
    .operands = "FILE|DIR...",
    .least_operands = 1,
    .most_operands = kMostFiles,
    .purpose =
        "Replays recorded decisions of the kernel against the allocator core. Prints the first\n"
        "differing step of each failing case; exits with 1 if there is one. A folder is the\n"
        "recording of a whole booted kernel.",
    .options = kOptions,
    .examples =
        "  numasim conform tests/golden/2.6.24/*.jsonl.gz\n"
        "  numasim conform --case s08-watermark-exact tests/golden/2.6.24/rmqueue.jsonl.gz\n"};

conform::Selection selection_of(const Arguments& arguments) {
  conform::Selection selection{arguments.value("family"), arguments.value("case"), {}};
  if (const auto text = arguments.value("stop-after"))
    selection.stop_after = static_cast<std::int64_t>(parse_count("stop-after", *text));
  const auto names = conform::family_names();
  if (selection.family && std::ranges::find(names, *selection.family) == names.end()) {
    const std::string hint = did_you_mean(*selection.family, names);
    throw UsageError("no family " + *selection.family + (hint.empty() ? "" : "; " + hint));
  }
  return selection;
}

}  // namespace

std::vector<Syntax> conform_syntaxes() { return {kSyntax}; }

int conform_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  conform::Verdicts verdicts(selection_of(arguments), std::cout);
  for (const std::string& file : arguments.operands())
    if (!verdicts.enough()) conform::replay_file(file, verdicts);
  std::cout << std::flush;
  print(std::to_string(verdicts.passes()) + " passed, " + std::to_string(verdicts.failures()) +
        " failed\n");
  return verdicts.failures() > 0 ? kFailed : kOk;
}

}  // namespace numasim::cli
