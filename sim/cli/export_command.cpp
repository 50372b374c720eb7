#include <iostream>
#include <limits>
#include <optional>
#include <system_error>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/export/chrome_trace.hpp"
#include "sim/export/exports.hpp"
#include "sim/export/stacks.hpp"
#include "sim/results/output_file.hpp"
#include "sim/run/finished_run.hpp"
#include "sim/settings/quantity.hpp"

namespace numasim::cli {
namespace {

namespace fs = std::filesystem;

constexpr Option kOut{.name = "out",
                      .argument = "FILE",
                      .help = "where it goes; \"-\": standard output",
                      .otherwise = "-",
                      .letter = 'o'};
constexpr Option kForce{.name = "force", .help = "replace a file that is there already"};

constexpr Option kFileOptions[] = {kOut, kForce};
constexpr Option kFtraceOptions[] = {
    kOut,
    kForce,
    {.name = "flavour",
     .argument = "NAME",
     .help = "postprocess: as the kernel's own scripts read it; kernel: as Linux 6.1 prints it",
     .otherwise = "postprocess"}};
constexpr Option kProcOptions[] = {
    {.name = "out", .argument = "DIR", .help = "where the snapshots go", .otherwise = "RUN.proc"},
    kForce,
    {.name = "every",
     .argument = "TIME",
     .help = "simulated time between two snapshots, as in 100ms",
     .otherwise = "1s"}};

constexpr Syntax kFtraceSyntax{
    .command = "export ftrace",
    .operands = "RUN",
    .least_operands = 1,
    .most_operands = 1,
    .purpose = "Prints the kmem and vmscan events of a run as ftrace does. Runs it again.",
    .options = kFtraceOptions,
    .examples =
        "  numasim export ftrace runs/quickstart-1 | perl trace-vmscan-postprocess.pl\n"
        "  numasim export ftrace runs/quickstart-1 --flavour kernel --out trace.txt\n"};
constexpr Syntax kProcSyntax{
    .command = "export proc",
    .operands = "RUN",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Writes snapshots of the files of /proc and /sys that tell of memory, as Linux 2.6.24 "
        "prints\nthem, into a folder for each date. Runs it again.",
    .options = kProcOptions,
    .examples = "  numasim export proc runs/quickstart-1 --every 500ms --out snapshots\n"};
constexpr Syntax kPerfettoSyntax{
    .command = "export perfetto",
    .operands = "RUN",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Writes what happened in a run as Chrome trace JSON, for ui.perfetto.dev or "
        "chrome://tracing.",
    .options = kFileOptions,
    .examples = "  numasim export perfetto runs/quickstart-1 --out quickstart.json\n"};
constexpr Syntax kStacksSyntax{
    .command = "export stacks",
    .operands = "RUN",
    .least_operands = 1,
    .most_operands = 1,
    .purpose = "Prints where tasks stalled as collapsed stacks, in nanoseconds, for flame graphs.",
    .options = kFileOptions,
    .examples = "  numasim export stacks runs/quickstart-1 | flamegraph.pl > stalls.svg\n"};

constexpr const Syntax* kSyntaxes[] = {&kFtraceSyntax, &kProcSyntax, &kPerfettoSyntax,
                                       &kStacksSyntax};

/// Standard output or a file, in pieces.
class Destination {
 public:
  explicit Destination(const Arguments& arguments) : name_(arguments.value("out").value_or("-")) {
    if (name_ == "-") return;
    if (fs::exists(name_) && !arguments.has("force"))
      throw results::OutputError("cannot write " + name_ + ": it exists; add --force");
    file_.emplace(name_);
  }
  void put(std::string_view text) {
    if (file_) {
      file_->text(text);
      return;
    }
    pending_ += text;
    if (pending_.size() >= kPiece) flush();
  }
  void close() {
    if (file_) return file_->close();
    flush();
  }

 private:
  static constexpr std::size_t kPiece = 1 << 16;
  void flush() {
    print(pending_);
    pending_.clear();
  }

  std::string name_;
  std::optional<results::OutputFile> file_;
  std::string pending_;
};

exporting::FtraceFlavour flavour_from(const Arguments& arguments) {
  const std::string name = arguments.value("flavour").value_or("postprocess");
  if (name == "postprocess") return exporting::FtraceFlavour::postprocess;
  if (name == "kernel") return exporting::FtraceFlavour::kernel;
  throw UsageError("--flavour is postprocess or kernel, not '" + name + "'");
}

SimDuration interval_from(const Arguments& arguments) {
  const std::string text = arguments.value("every").value_or("1s");
  constexpr Whole kLongest = std::numeric_limits<std::int64_t>::max() / 2;
  const auto time = parse_quantity(text, Unit::nanoseconds);
  const Whole* ns = std::get_if<Whole>(&time);
  if (ns == nullptr || *ns <= 0 || *ns > kLongest)
    throw UsageError("--every takes a time such as 100ms");
  return SimDuration{static_cast<std::int64_t>(*ns)};
}

fs::path snapshots_folder(const Arguments& arguments, const FinishedRun& run) {
  fs::path beside = fs::absolute(run.directory).lexically_normal();
  if (beside.filename().empty()) beside = beside.parent_path();
  beside += ".proc";
  const fs::path folder = arguments.value("out").value_or(beside.string());
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored) && !arguments.has("force"))
    throw results::OutputError("cannot write " + folder.string() + ": it exists; add --force");
  return folder;
}

int export_proc(const Arguments& arguments, const FinishedRun& run) {
  const SimDuration interval = interval_from(arguments);
  const fs::path folder = snapshots_folder(arguments, run);
  const int snapshots = exporting::export_proc(run.scenario, folder, interval);
  print(std::to_string(snapshots) + " snapshots in " + folder.string() + '\n');
  return kOk;
}

int export_text(const std::string& format, const Arguments& arguments) {
  const FinishedRun run = read_finished_run(arguments.operands().front());
  if (format == "proc") return export_proc(arguments, run);
  const auto flavour = format == "ftrace" ? std::optional(flavour_from(arguments)) : std::nullopt;
  Destination destination(arguments);
  const auto put = [&destination](std::string_view text) { destination.put(text); };
  if (flavour)
    exporting::export_ftrace(run.scenario, *flavour, put);
  else if (format == "perfetto")
    exporting::chrome_trace(run.directory, put);
  else
    put(exporting::collapsed_stacks(run.directory));
  destination.close();
  return kOk;
}

std::string usage() {
  std::string text = "usage: numasim export FORMAT RUN [options]\n\n";
  for (const Syntax* syntax : kSyntaxes)
    text +=
        "  numasim " + std::string(syntax->command) + ' ' + std::string(syntax->operands) + "\n";
  return text + "\n  numasim export FORMAT --help    options and examples\n";
}

}  // namespace

std::vector<Syntax> export_syntaxes() {
  return {kFtraceSyntax, kProcSyntax, kPerfettoSyntax, kStacksSyntax};
}

int export_command(const Args& args) {
  if (args.empty()) {
    std::cerr << usage();
    return kUsage;
  }
  if (args.front() == "--help" || args.front() == "-h") {
    print(usage());
    return kOk;
  }
  std::vector<std::string_view> names;
  for (const Syntax* syntax : kSyntaxes) {
    const std::string_view name = syntax->command.substr(syntax->command.find(' ') + 1);
    names.push_back(name);
    if (name != args.front()) continue;
    const Arguments arguments = parse_arguments(*syntax, {args.begin() + 1, args.end()});
    if (!arguments.has("help")) return export_text(args.front(), arguments);
    print(help_text(*syntax));
    return kOk;
  }
  const std::string hint = did_you_mean(args.front(), names);
  throw UsageError("unknown format " + args.front() + "; " +
                   (hint.empty() ? "see numasim export --help" : hint));
}

}  // namespace numasim::cli
