#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/simgrid_args.hpp"
#include "sim/cli/sweep_arguments.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/results/output_file.hpp"
#include "sim/run/input_check.hpp"
#include "sim/sweep/sweep.hpp"

namespace numasim::cli {
namespace {

using Json = nlohmann::ordered_json;
using sweep::PlannedRun;
using sweep::SweepPlan;

constexpr std::size_t kMostShards = 100'000;

constexpr Option kOptions[] = {
    kJobsOption,
    {.name = "out", .argument = "DIR", .help = "the sweep's directory", .otherwise = "sweeps/NAME"},
    {.name = "resume", .help = "go on with DIR: run what is missing or failed"},
    {.name = "force", .help = "run everything again in DIR"},
    {.name = "shard", .argument = "I/N", .help = "only part I of N, as in 1/4"},
    kTimeoutOption,
    {.name = "fail-fast", .help = "start no more runs after one failed"},
    {.name = "slurm",
     .argument = "TASKS",
     .help = "run nothing: write DIR/slurm.sh, a job array of so many tasks for sbatch"},
    {.name = "slurm-option",
     .argument = "OPTION",
     .help = "a further option of sbatch, as in --slurm-option=--time=01:00:00",
     .repeatable = true},
    {.name = "list", .help = "print the runs, run nothing"},
    {.name = "dry-run", .help = "check every run's scenario and trace, print the runs"},
    kBaseSetOption,
    kFirstSeedOption,
    {.name = "json", .help = "print the outcome, or the list, as one JSON document"},
    {.name = "no-progress", .help = "no progress on the terminal"},
    {.name = "quiet", .help = "only errors and the last line", .letter = 'q'},
    {.name = "simgrid",
     .argument = "ARG",
     .help = "pass --cfg=... or --log=... on to SimGrid",
     .repeatable = true},
};

constexpr Syntax kSyntax{
    .command = "sweep",
    .operands = "SWEEP",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Runs a scenario at every point of a design, each run in a process of its own, and makes\n"
        "one table of the results. With repeats, repeat k has the same seed at every point\n"
        "(common random numbers) unless the sweep says otherwise.",
    .options = kOptions,
    .examples =
        "  numasim sweep configs/sweeps/reserve.json --list\n"
        "  numasim sweep configs/sweeps/reserve.json -j 2 --out sweeps/reserve\n"
        "  numasim sweep configs/sweeps/reserve.json --out sweeps/reserve --resume\n"
        "  numasim sweep configs/sweeps/reserve.json --out sweeps/reserve --slurm 40 -j 4\n"};

sweep::Shard shard(const Arguments& arguments) {
  const auto text = arguments.value("shard");
  if (!text) return {};
  const std::size_t slash = text->find('/');
  const std::string wrong = "--shard expects I/N with I in 1..N, as in 1/4, found \"" + *text + '"';
  if (slash == std::string::npos) throw UsageError(wrong);
  const sweep::Shard part{parse_count("shard", text->substr(0, slash)),
                          parse_count("shard", text->substr(slash + 1))};
  if (part.index < 1 || part.index > part.count || part.count > kMostShards)
    throw UsageError(wrong);
  return part;
}

sweep::SweepOptions sweep_options(const Arguments& arguments, const SweepPlan& plan,
                                  const Args& args) {
  sweep::SweepOptions options = sweep_options_from(arguments, plan, "sweeps", "sweep", args);
  options.shard = shard(arguments);
  if (arguments.has("fail-fast")) options.on_failure = sweep::SweepOptions::OnFailure::stop;
  return options;
}

std::string head_line(const SweepPlan& plan) {
  std::string text = plan.sweep().name + ": " + std::to_string(plan.points().size()) + " points";
  if (plan.points_left_out() > 0)
    text += " (" + std::to_string(plan.points_left_out()) + " left out by constraints)";
  text += ", " + std::to_string(plan.sweep().repeats) + " of each";
  if (plan.sweep().seeds == sweep::SeedPlan::independent)
    return text + " with seeds of its own (independent)\n";
  return text + "; repeat k has the same seed at every point (common random numbers)\n";
}

Json list_json(const SweepPlan& plan) {
  Json runs = Json::array();
  for (const PlannedRun& run : plan.runs()) {
    Json settings = Json::object();
    for (std::size_t i = 0; i < plan.axes().size(); ++i)
      settings[plan.axes()[i].path] = plan.points()[run.point].values[i];
    runs.push_back({{"run", run.id},
                    {"point", run.point},
                    {"repeat", run.repeat},
                    {"seed", run.seed},
                    {"settings", settings}});
  }
  return {{"name", plan.sweep().name},      {"seeds", to_string(plan.sweep().seeds)},
          {"points", plan.points().size()}, {"points_left_out", plan.points_left_out()},
          {"total", plan.runs().size()},    {"runs", runs}};
}

void print_list(const Arguments& arguments, const SweepPlan& plan) {
  if (arguments.has("json")) return print(list_json(plan).dump(2) + '\n');
  std::string text = arguments.has("quiet") ? "" : head_line(plan);
  for (const PlannedRun& run : plan.runs()) {
    if (arguments.has("quiet")) break;
    text += run.id + "  point " + std::to_string(run.point) + ", repeat " +
            std::to_string(run.repeat) + ", seed " + std::to_string(run.seed);
    for (std::size_t i = 0; i < plan.axes().size(); ++i)
      text += "  " + plan.axes()[i].path + '=' + plan.points()[run.point].values[i].dump();
    text += '\n';
  }
  print(text + "total " + std::to_string(plan.runs().size()) + '\n');
}

/// A folder that is gone when it goes.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "numasim-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw results::OutputError("cannot make a temporary folder: " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Reads what each run would read, once for each point. Traces that runs make are made, and go.
void check_inputs(const SweepPlan& plan) {
  const TemporaryFolder traces;
  for (const PlannedRun& run : plan.runs())
    if (run.repeat == 0) check_input_files(plan.scenario_of(run, traces.path()));
}

void print_outcome(const Arguments& arguments, const SweepPlan& plan,
                   const sweep::SweepOptions& options, const sweep::SweepResult& result) {
  const std::string table = (options.out / "results.csv").string();
  if (arguments.has("json")) {
    const Json json{{"name", plan.sweep().name},
                    {"seeds", to_string(plan.sweep().seeds)},
                    {"directory", options.out.string()},
                    {"results", result.table_written ? Json(table) : Json()},
                    {"total", result.tally.total},
                    {"ok", result.tally.ok},
                    {"failed", result.tally.failed},
                    {"skipped", result.tally.missing},
                    {"reused", result.reused}};
    return print(json.dump(2) + '\n');
  }
  std::string text;
  if (!arguments.has("quiet")) {
    if (result.reused > 0) text += std::to_string(result.reused) + " were there already\n";
    if (result.table_written) {
      text += "results in " + table + '\n';
    } else {
      text += "no results.csv yet: runs are missing; go on with --resume\n";
    }
  }
  print(text + to_string(result.tally) + '\n');
}

std::filesystem::path this_program() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw results::OutputError("cannot tell where this program is: " + error.message());
  return program;
}

/// What each task of the array is to run.
std::vector<std::string> command_of_tasks(const Arguments& arguments,
                                          const std::filesystem::path& out) {
  const std::string& file = arguments.operands().front();
  if (file == "-") throw UsageError("--slurm needs a sweep in a file, not standard input");
  std::vector<std::string> command{this_program().string(), "sweep",
                                   std::filesystem::absolute(file).string(), "--out", out.string()};
  for (const char* option : {"set", "seed", "timeout", "simgrid"})
    for (const std::string& value : arguments.values(option))
      command.push_back("--" + std::string(option) + '=' + value);
  if (arguments.has("fail-fast")) command.emplace_back("--fail-fast");
  return command;
}

int write_slurm_job(const Arguments& arguments, const SweepPlan& plan,
                    const sweep::SweepOptions& options) {
  const std::uint64_t tasks = parse_count("slurm", *arguments.value("slurm"));
  if (tasks < 1 || tasks > kMostShards)
    throw UsageError("--slurm expects 1.." + std::to_string(kMostShards) + ", found " +
                     std::to_string(tasks));
  const std::filesystem::path out = std::filesystem::absolute(options.out).lexically_normal();
  const std::filesystem::path script = sweep::write_slurm_script(
      plan, options.earlier,
      {.name = plan.sweep().name,
       .directory = out,
       .tasks = std::min<std::size_t>(tasks, std::max<std::size_t>(plan.runs().size(), 1)),
       .cpus_per_task = arguments.has("jobs") ? options.jobs : 1,
       .options = arguments.values("slurm-option"),
       .command = command_of_tasks(arguments, out)});
  print("to run it: sbatch " + sweep::shell_word(script.string()) + '\n');
  return kOk;
}

}  // namespace

std::vector<Syntax> sweep_syntaxes() { return {kSyntax}; }

int sweep_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  check_simgrid_args(arguments.values("simgrid"));
  const SweepPlan plan = plan_from(arguments);
  if (plan.sweep().size)
    throw UsageError(arguments.operands().front() +
                     " asks a sizing question; see numasim size --help");
  const sweep::SweepOptions options = sweep_options(arguments, plan, args);
  if (arguments.has("dry-run")) check_inputs(plan);
  if (arguments.has("dry-run") || arguments.has("list")) {
    print_list(arguments, plan);
    return kOk;
  }

  if (arguments.has("slurm")) return write_slurm_job(arguments, plan, options);

  if (!arguments.has("quiet") && !arguments.has("json")) print(head_line(plan));
  SweepNarrator narrator(arguments, options);
  const sweep::SweepResult result = run_sweep(plan, options, narrator.callbacks());
  narrator.clear();
  print_outcome(arguments, plan, options, result);
  if (result.interrupted) return kInterrupted;
  return result.tally.failed > 0 ? kSomeRunsFailed : kOk;
}

}  // namespace numasim::cli
