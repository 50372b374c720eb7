#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

#include "allocator/task.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/scenario.hpp"
#include "sim/settings/quantity.hpp"
#include "workloads/import_ftrace.hpp"
#include "workloads/import_kernel2624.hpp"
#include "workloads/input_error.hpp"

namespace numasim::cli {
namespace {

namespace fs = std::filesystem;

constexpr Option kOptions[] = {
    {.name = "out", .argument = "DIR", .help = "folder for scenario.json and its files; required"},
    {.name = "force", .help = "replace what an import left there before"},
    {.name = "nodes",
     .argument = "N",
     .help = "ftrace: nodes of the machine captured",
     .otherwise = "1"},
    {.name = "node-memory",
     .argument = "SIZE",
     .help = "ftrace: memory of each node, such as 512MiB, when no file beside the capture tells"},
    {.name = "node-cpus", .argument = "N", .help = "ftrace: CPUs of each node", .otherwise = "1"},
};

constexpr Syntax kSyntax{
    .command = "import",
    .operands = "FORMAT PATH",
    .least_operands = 2,
    .most_operands = 2,
    .purpose =
        "Makes a scenario of recorded kernel activity and reports what was read, inferred "
        "and left out.\n\nformats:\n"
        "  kernel2624   folder of a recording of a booted Linux 2.6.24\n"
        "  ftrace       text of kmem events: tracing/trace, trace-cmd report, perf script",
    .options = kOptions,
    .examples =
        "  numasim import kernel2624 recordings/anon2 --out anon2\n"
        "  numasim run anon2/scenario.json\n"
        "  numasim import ftrace trace.txt --nodes 2 --node-memory 512MiB --out capture\n"};

struct Format {
  std::string_view name;
  ImportReport (*import)(const fs::path& from, const fs::path& to, const Arguments& arguments);
};

ImportReport from_kernel2624(const fs::path& from, const fs::path& to, const Arguments&) {
  return import_kernel2624(from, to);
}

unsigned count_option(const Arguments& arguments, std::string_view option, std::uint64_t most) {
  const auto text = arguments.value(option);
  if (!text) return 1;
  const std::uint64_t count = parse_count(option, *text);
  if (count >= 1 && count <= most) return static_cast<unsigned>(count);
  throw UsageError("--" + std::string(option) + " expects 1.." + std::to_string(most) + ", found " +
                   *text);
}

/// The machine as the options tell it; nothing when they do not give its memory.
std::optional<FtraceMachine> machine_captured(const Arguments& arguments) {
  const auto memory = arguments.value("node-memory");
  if (!memory) return std::nullopt;
  const auto size = parse_quantity(*memory, Unit::bytes);
  const Whole* const bytes = std::get_if<Whole>(&size);
  if (bytes == nullptr || *bytes <= 0 || *bytes > Whole{kMostMemory.value})
    throw UsageError("--node-memory expects a size such as 512MiB, at most 64TiB, found " +
                     *memory);
  return FtraceMachine{.nodes = count_option(arguments, "nodes", kMaxNodes),
                       .memory_each = Bytes{static_cast<std::uint64_t>(*bytes)},
                       .cpus_each = count_option(arguments, "node-cpus", kMostCpus)};
}

ImportReport from_ftrace(const fs::path& from, const fs::path& to, const Arguments& arguments) {
  return import_ftrace(from, to, machine_captured(arguments));
}

constexpr Format kFormats[] = {{"kernel2624", from_kernel2624}, {"ftrace", from_ftrace}};

const Format& format_named(const std::string& name) {
  const auto* const found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                         [&](const Format& format) { return format.name == name; });
  if (found != std::end(kFormats)) return *found;
  std::vector<std::string_view> names;
  for (const Format& format : kFormats) names.push_back(format.name);
  const std::string hint = did_you_mean(name, names);
  throw UsageError("unknown format " + name + (hint.empty() ? "" : "; " + hint) +
                   "; see numasim import --help");
}

fs::path output_folder(const Arguments& arguments) {
  const auto out = arguments.value("out");
  if (!out || out->empty()) throw UsageError("numasim import needs --out DIR");
  std::error_code ignored;
  if (!arguments.has("force") && fs::exists(fs::path(*out) / "scenario.json", ignored))
    throw FileError(*out,
                    "there is a scenario.json already; add --force to replace it, or choose "
                    "another --out");
  return *out;
}

void check_exists(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw FileError(path, "cannot be read: " + (error ? error.message() : "no such file"));
}

}  // namespace

int import_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (arguments.has("help")) {
    print(help_text(kSyntax));
    return kOk;
  }
  const Format& format = format_named(arguments.operands()[0]);
  const std::string& path = arguments.operands()[1];
  const fs::path to = output_folder(arguments);
  check_exists(path);
  const ImportReport report = format.import(path, to, arguments);
  print(to_string(report));
  if (!report.files.empty())
    print("run it with: numasim run " + report.files.front().string() + '\n');
  return kOk;
}

}  // namespace numasim::cli
