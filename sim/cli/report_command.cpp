#include <filesystem>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/figure.hpp"
#include "sim/cli/terminal.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "out",
     .argument = "FILE",
     .help = "the page; the figures go beside it, into FILE without .html and with _figures",
     .otherwise = "report.html in the first DIR"},
    {.name = "metric",
     .argument = "NAME[=LIMIT]",
     .help = "of a sweep: draw this metric, with a line where it passes LIMIT",
     .otherwise = "those that differ most",
     .repeatable = true},
    {.name = "quiet", .help = "do not name what was written", .letter = 'q'},
};

constexpr Syntax kSyntax{
    .command = "report",
    .operands = "DIR [OTHER]",
    .least_operands = 1,
    .most_operands = 2,
    .purpose =
        "Draws every figure of a run or a sweep, as PNG and SVG, and makes one page of them that\n"
        "needs no other file and no network. With OTHER the two are set against each other.",
    .options = kOptions,
    .examples =
        "  numasim report runs/quickstart\n"
        "  numasim report runs/quickstart runs/more_reserve --out against.html\n"
        "  numasim report sweeps/reserve --metric requests.failed=0\n"};

}  // namespace

std::vector<Syntax> report_syntaxes() { return {kSyntax}; }

int report_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  std::vector<std::string> words;
  for (const std::string& metric : arguments.values("metric"))
    words.push_back("--metric=" + metric);
  if (const auto out = arguments.value("out")) words.push_back("--out=" + *out);
  if (arguments.has("quiet")) words.emplace_back("--quiet");
  // A name that begins with '-' must not look like an option.
  words.emplace_back("--");
  words.insert(words.end(), arguments.operands().begin(), arguments.operands().end());
  return make_report(words);
}

}  // namespace numasim::cli
