#include <algorithm>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/sweep/collect.hpp"

namespace numasim::cli {
namespace {

constexpr std::size_t kMostDirectories = 1'000'000;

constexpr Option kOptions[] = {
    {.name = "out",
     .argument = "FILE",
     .help = "the table; \"-\": standard output",
     .otherwise = "a sweep's results.csv in the first DIR; of runs standard output"}};

constexpr Syntax kSyntax{
    .command = "collect",
    .operands = "DIR...",
    .least_operands = 1,
    .most_operands = kMostDirectories,
    .purpose =
        "Makes one table of a sweep whose shards lie in one or more directories, or of any run\n"
        "directories: a row for each run, with the settings in which the runs differ.",
    .options = kOptions,
    .examples =
        "  numasim collect sweeps/reserve\n"
        "  numasim collect part1 part2 part3 --out results.csv\n"
        "  numasim collect runs/*\n"};

}  // namespace

std::vector<Syntax> collect_syntaxes() { return {kSyntax}; }

int collect_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  const std::vector<std::filesystem::path> directories(arguments.operands().begin(),
                                                       arguments.operands().end());
  const bool runs = std::ranges::all_of(directories, sweep::is_run_directory);
  const sweep::ResultsTable table =
      runs ? sweep::collect_runs(directories) : sweep::collect_sweep(directories);
  const std::string file = arguments.value("out").value_or(
      runs ? "-" : sweep::SweepDirectory(directories.front()).results().string());
  if (file == "-") {
    print(table.csv);
    complain(to_string(table.tally));
  } else {
    sweep::write_whole_file(file, table.csv);
    print("results in " + file + '\n' + to_string(table.tally) + '\n');
  }
  return table.tally.ok == table.tally.total ? kOk : kSomeRunsFailed;
}

}  // namespace numasim::cli
