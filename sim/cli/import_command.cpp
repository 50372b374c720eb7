#include <filesystem>
#include <optional>
#include <string>

#include "allocator/task.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/results/output_file.hpp"
#include "sim/settings/quantity.hpp"
#include "workloads/import_ftrace.hpp"
#include "workloads/import_kernel2624.hpp"
#include "workloads/import_llfree.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "out", .argument = "DIR", .help = "folder for scenario.json and its files"},
    {.name = "force", .help = "replace what an import left there before"},
    {.name = "nodes", .argument = "N", .help = "nodes of the machine, when no file tells"},
    {.name = "memory", .argument = "SIZE", .help = "memory of each node, as 256MiB"},
    {.name = "cpus", .argument = "N", .help = "CPUs of each node", .otherwise = "1"},
};

constexpr Syntax kSyntax{
    .command = "import",
    .operands = "FORMAT PATH",
    .least_operands = 2,
    .most_operands = 2,
    .purpose =
        "Makes a scenario of recorded kernel activity, and says what the recording does not tell.\n"
        "FORMAT is kernel2624 (PATH: folder of a recording), or for kmem events as text ftrace\n"
        "(/sys/kernel/tracing/trace), trace-cmd (trace-cmd report) or perf (perf script), or "
        "llfree\n"
        "(LLFree's binary trace).",
    .options = kOptions,
    .examples =
        "  numasim import kernel2624 recordings/anon2 --out anon2\n"
        "  numasim run anon2/scenario.json\n"
        "  numasim import ftrace a.trace.gz --nodes 2 --memory 256MiB --out a\n"
        "  perf script | numasim import perf - --nodes 1 --memory 8GiB --cpus 4 --out b\n"};

/// The machine of a capture, from the command line.
std::optional<FtraceMachine> machine_of(const Arguments& arguments) {
  if (!arguments.has("nodes") && !arguments.has("memory") && !arguments.has("cpus")) return {};
  if (!arguments.has("nodes") || !arguments.has("memory"))
    throw UsageError("a machine needs --nodes and --memory");
  const std::uint64_t nodes = parse_count("nodes", *arguments.value("nodes"));
  const std::uint64_t cpus_each = parse_count("cpus", arguments.value("cpus").value_or("1"));
  const auto size = parse_quantity(*arguments.value("memory"), Unit::bytes);
  const Whole* bytes = std::get_if<Whole>(&size);
  if (!bytes) throw UsageError("--memory expects " + std::get<BadQuantity>(size).expected);
  const bool sensible = nodes >= 1 && nodes <= kMaxNodes && cpus_each >= 1 && cpus_each <= 1024 &&
                        cpus_each * nodes <= 1024 && *bytes > 0 && *bytes <= (Whole{1} << 43);
  if (!sensible) throw UsageError("a machine has 1..64 nodes of up to 8TiB and 1..1024 CPUs");
  return FtraceMachine{.nodes = static_cast<unsigned>(nodes),
                       .memory_each = Bytes{static_cast<std::uint64_t>(*bytes)},
                       .cpus_each = static_cast<unsigned>(cpus_each)};
}

ImportReport import_from(const Arguments& arguments, const std::filesystem::path& to) {
  const std::string& format = arguments.operands().front();
  const std::filesystem::path from = arguments.operands().back();
  if (format == "kernel2624") return import_kernel2624(from, to);
  if (format == "ftrace" || format == "perf" || format == "trace-cmd") {
    return import_ftrace(from, to, machine_of(arguments));  // told apart line by line
  }
  if (format == "llfree") return import_llfree(from, to, machine_of(arguments));
  throw UsageError("unknown format '" + format +
                   "'; known are: kernel2624, ftrace, perf, trace-cmd, llfree");
}

/// An import must not overwrite what it did not make.
void refuse_if_present(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder / "scenario.json", ignored))
    throw results::OutputError(folder.string() + " holds a scenario already; add --force");
}

}  // namespace

std::vector<Syntax> import_syntaxes() { return {kSyntax}; }

int import_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  if (!arguments.has("out")) throw UsageError("import needs --out DIR");
  const std::filesystem::path folder = *arguments.value("out");
  if (!arguments.has("force")) refuse_if_present(folder);
  print(to_string(import_from(arguments, folder)));
  return kOk;
}

}  // namespace numasim::cli
