#include <filesystem>
#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/generator_options.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/results/output_file.hpp"
#include "workloads/generate/kinds.hpp"
#include "workloads/generate/pattern.hpp"
#include "workloads/output_file.hpp"
#include "workloads/trace_convert.hpp"
#include "workloads/trace_stat.hpp"
#include "workloads/trace_stat_text.hpp"

namespace numasim::cli {
namespace {

constexpr Option kStatOptions[] = {{.name = "json", .help = "as one JSON document"}};

constexpr Syntax kStatSyntax{
    .command = "trace stat",
    .operands = "FILE",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Counts what is in a trace (\"-\": standard input): records by operation and task, blocks "
        "by\norder, mask and lifetime, and the most pages alive at once if no request fails.",
    .options = kStatOptions,
    .examples =
        "  numasim trace stat workload.jsonl.gz\n"
        "  numasim trace gen fill --out - | numasim trace stat - --json\n"};

constexpr Option kPatternOptions[] = {
    {.name = "out",
     .argument = "FILE",
     .help = "the trace; .gz and .zst compress, \"-\" is standard output",
     .letter = 'o'},
    {.name = "seed", .argument = "N", .help = "of every random choice", .otherwise = "1"},
    {.name = "force", .help = "replace a file that is there already"}};

constexpr Syntax kPatternSyntax{
    .command = "trace gen pattern",
    .operands = "PATTERN",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Makes the trace of one task that follows a file: regions of memory, and phases that say "
        "which\nof them are accessed, in order or at random, as masim does. workloads/TRACES.md "
        "describes the\nfile.",
    .options = kPatternOptions,
    .examples = "  numasim trace gen pattern pattern.json --seed 7 --out pattern.jsonl.gz\n"};

constexpr Option kConvertOptions[] = {
    {.name = "from", .argument = "FORM", .help = "jsonl or llfree", .otherwise = "by the name"},
    {.name = "to", .argument = "FORM", .help = "jsonl or llfree", .otherwise = "by the name"},
    {.name = "force", .help = "replace a file that is there already"}};

constexpr Syntax kConvertSyntax{
    .command = "trace convert",
    .operands = "IN OUT",
    .least_operands = 2,
    .most_operands = 2,
    .purpose =
        "Writes a trace in another form: JSON Lines, plain or compressed (.gz, .zst; IN by its "
        "content),\nor the binary form of LLFree (.llfree), as far as it can say the same. \"-\" "
        "is standard input or\noutput. What gets lost is told on stderr.",
    .options = kConvertOptions,
    .examples =
        "  numasim trace convert workload.jsonl workload.jsonl.zst\n"
        "  numasim trace convert replay.llfree replay.jsonl.gz\n"};

/// Nobody's file is replaced by accident; a pipe or /dev/null may be written to again and again.
void refuse_if_present(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return;
  throw results::OutputError(file.string() + " is there already; add --force to replace it");
}

int gen_pattern(const Args& args) {
  const Arguments arguments = parse_arguments(kPatternSyntax, args);
  if (printed_help(kPatternSyntax, arguments)) return kOk;
  if (!arguments.has("out")) throw UsageError("trace gen needs --out FILE");
  const std::filesystem::path out = *arguments.value("out");
  const std::uint64_t seed = parse_count("seed", arguments.value("seed").value_or("1"));
  if (!arguments.has("force")) refuse_if_present(out);
  trace::generate(trace::read_pattern(arguments.operands().front()), seed, out);
  return kOk;
}

int gen(const Args& args) {
  if (args.empty()) throw UsageError("trace gen needs a KIND; see numasim trace gen --help");
  if (args.front() == "--help" || args.front() == "-h") {
    print(generators_help());
    return kOk;
  }
  if (args.front() == kPatternKind) return gen_pattern({args.begin() + 1, args.end()});
  const trace::WorkloadKind& kind = find_kind(args.front());
  const GeneratorOptions options(kind);
  const Arguments arguments = parse_arguments(options.syntax(), {args.begin() + 1, args.end()});
  if (arguments.has("help")) {
    print(help_text(options.syntax()));
    return kOk;
  }
  if (!arguments.has("out")) throw UsageError("trace gen needs --out FILE");
  const std::filesystem::path out = *arguments.value("out");
  const trace::Values values = options.values(arguments);
  const std::uint64_t seed = parse_count("seed", arguments.value("seed").value_or("1"));
  if (!arguments.has("force")) refuse_if_present(out);
  trace::generate(kind, values, seed, out);
  return kOk;
}

int stat(const Args& args) {
  const Arguments arguments = parse_arguments(kStatSyntax, args);
  if (printed_help(kStatSyntax, arguments)) return kOk;
  const auto statistics = trace::statistics_of(arguments.operands().front());
  print(arguments.has("json") ? to_json(statistics) : to_text(statistics));
  return kOk;
}

trace::TraceForm form(const Arguments& arguments, std::string_view option,
                      const std::filesystem::path& file) {
  const auto name = arguments.value(option);
  if (!name) return trace::form_of(file);
  if (*name == "jsonl") return trace::TraceForm::json_lines;
  if (*name == "llfree") return trace::TraceForm::llfree;
  throw UsageError("--" + std::string(option) + " expects jsonl or llfree, found \"" + *name + '"');
}

int convert(const Args& args) {
  const Arguments arguments = parse_arguments(kConvertSyntax, args);
  if (printed_help(kConvertSyntax, arguments)) return kOk;
  const std::filesystem::path from = arguments.operands().front(), to = arguments.operands().back();
  const trace::TraceForm from_form = form(arguments, "from", from);
  const trace::TraceForm to_form = form(arguments, "to", to);
  if (!arguments.has("force")) refuse_if_present(to);
  const ImportReport report = trace::convert(from, from_form, to, to_form);
  if (from_form != to_form) std::cerr << to_string(report);
  return kOk;
}

constexpr Command kCommands[] = {
    {"gen", "make a workload from a seed", gen},
    {"stat", "count what is in a trace", stat},
    {"convert", "write a trace in another form", convert},
};

std::string usage() {
  std::string text = "usage: numasim trace COMMAND [options]\n\nMakes and looks at traces.\n\n";
  for (const Command& command : kCommands) {
    std::string name(command.name);
    name.resize(10, ' ');
    text += "  " + name + std::string(command.summary) + '\n';
  }
  return text + "\n  numasim trace COMMAND --help    options, with defaults and examples\n";
}

}  // namespace

std::vector<Syntax> trace_syntaxes() {
  std::vector<Syntax> syntaxes = generator_syntaxes();
  syntaxes.push_back(kPatternSyntax);
  syntaxes.push_back(kStatSyntax);
  syntaxes.push_back(kConvertSyntax);
  return syntaxes;
}

int trace_command(const Args& args) {
  if (args.empty()) {
    std::cerr << usage();
    return kUsage;
  }
  const std::string& name = args.front();
  if (name == "--help" || name == "-h") {
    print(usage());
    return kOk;
  }
  for (const Command& command : kCommands) {
    if (command.name != name) continue;
    try {
      return command.run({args.begin() + 1, args.end()});
    } catch (const ReaderLeft&) {
      return kOk;
    }
  }
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.push_back(command.name);
  const std::string hint = did_you_mean(name, names);
  throw UsageError("unknown command trace " + name + "; " +
                   (hint.empty() ? "see numasim trace --help" : hint));
}

}  // namespace numasim::cli
