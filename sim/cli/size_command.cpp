#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/sweep_arguments.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/sweep/size_answer.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {
    kJobsOption,
    {.name = "out",
     .argument = "DIR",
     .help = "where runs and answer go",
     .otherwise = "sizes/NAME"},
    {.name = "resume", .help = "go on with DIR: run what is missing or failed"},
    {.name = "force", .help = "run everything again in DIR"},
    {.name = "all", .help = "try every value instead of searching"},
    kTimeoutOption,
    kBaseSetOption,
    kFirstSeedOption,
    {.name = "json", .help = "print the answer as one JSON document"},
    {.name = "no-progress", .help = "no progress on the terminal"},
    {.name = "quiet", .help = "no progress, only the answer", .letter = 'q'},
};

constexpr Syntax kSyntax{
    .command = "size",
    .operands = "QUESTION",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Finds the smallest value of a setting for which a metric stays within a limit in all but\n"
        "a small share of the seeds, says how sure that is, and leaves what was tried in\n"
        "DIR/size.csv. The question is a sweep file with a \"size\" section.",
    .options = kOptions,
    .examples = "  numasim size configs/sweeps/size_reserve.json --out sizes/reserve\n"};

}  // namespace

std::vector<Syntax> size_syntaxes() { return {kSyntax}; }

int size_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  const sweep::SweepPlan plan = plan_from(arguments);
  const sweep::SweepOptions options = sweep_options_from(arguments, plan, "sizes", "size", args);
  const auto method =
      arguments.has("all") ? sweep::SizeMethod::every_value : sweep::SizeMethod::bisection;
  SweepNarrator narrator(arguments, options);
  const sweep::SizeAnswer answer = find_size(plan, options, method, narrator.callbacks());
  narrator.clear();
  if (answer.interrupted) {
    complain("interrupted; go on with --resume");
    return kInterrupted;
  }
  const std::string json = size_json(plan, answer).dump(2) + '\n';
  const std::filesystem::path table = options.out / "size.csv";
  sweep::write_whole_file(table, size_csv(plan, answer));
  sweep::write_whole_file(options.out / "answer.json", json);
  print(arguments.has("json") ? json
                              : size_text(plan, answer) + "plot data in " + table.string() + '\n');
  return kOk;
}

}  // namespace numasim::cli
