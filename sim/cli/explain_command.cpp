#include <string>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/explain/explain.hpp"
#include "sim/explain/story.hpp"
#include "sim/explain/verify.hpp"
#include "sim/run/finished_run.hpp"

namespace numasim::cli {
namespace {

using explain::Wanted;
using nlohmann::ordered_json;

constexpr Option kOptions[] = {
    {.name = "alloc",
     .argument = "N",
     .help = "the N-th request for pages of the run; with --task, of that task"},
    {.name = "failed", .help = "the first request that failed"},
    {.name = "slowest", .help = "the request that took longest"},
    {.name = "task", .argument = "NAME", .help = "only requests of this task"},
    {.name = "list", .help = "list the requests that met with a low watermark instead"},
    {.name = "set",
     .argument = "PATH=VALUE",
     .help = "explain how it would have been with another setting",
     .repeatable = true},
    {.name = "verify",
     .help = "run again with each thing that would have helped, and say if it does"},
    {.name = "json", .help = "as one JSON document"},
};

constexpr Syntax kSyntax{
    .command = "explain",
    .operands = "RUN",
    .least_operands = 1,
    .most_operands = 1,
    .purpose =
        "Tells step by step what the allocator did for one request of a finished run, and why.\n"
        "Runs the scenario again to hear it. Without --alloc, --failed or --slowest: the first\n"
        "request that failed, or else the slowest.",
    .options = kOptions,
    .examples =
        "  numasim explain runs/atomic_burst-1 --failed --verify\n"
        "  numasim explain runs/quickstart-1 --slowest --task writer\n"
        "  numasim explain runs/quickstart-1 --list\n"};

Wanted wanted_from(const Arguments& arguments, const FinishedRun& run) {
  Wanted wanted{.kind = Wanted::Kind::slowest, .number = 0, .task = arguments.value("task")};
  const int ways =
      int{arguments.has("alloc")} + int{arguments.has("failed")} + int{arguments.has("slowest")};
  if (ways > 1) throw UsageError("give one of --alloc, --failed and --slowest");
  if (const auto number = arguments.value("alloc")) {
    wanted.kind = wanted.task ? Wanted::Kind::number_of_task : Wanted::Kind::number;
    wanted.number = parse_count("alloc", *number);
    if (wanted.number == 0) throw UsageError("--alloc counts from 1");
  } else if (arguments.has("failed")) {
    wanted.kind = Wanted::Kind::failed;
  } else if (!arguments.has("slowest") && !wanted.task) {
    const auto failed = run.summary.value("/allocations/failed"_json_pointer, std::int64_t{0});
    if (failed > 0) wanted.kind = Wanted::Kind::failed;
  }
  return wanted;
}

std::string list_text(const ordered_json& requests) {
  std::string text = "number,task,begin_ns,took_ns,order,gfp,result,why\n";
  for (const ordered_json& line : requests) {
    for (const char* key : {"number", "task", "begin_ns", "took_ns", "order", "gfp", "result"}) {
      const ordered_json& value = line.at(key);
      text += (value.is_string() ? value.get<std::string>() : value.dump()) + ',';
    }
    text += line.value("why", "") + '\n';
  }
  return text;
}

[[noreturn]] void fail_none_fits(const FinishedRun& run, const Arguments& arguments,
                                 const ordered_json& answer) {
  const std::string task = arguments.value("task").value_or("");
  std::string expected = "a request";
  if (const auto number = arguments.value("alloc"))
    expected = "request " + *number;
  else if (arguments.has("failed"))
    expected = "a request that failed";
  if (!task.empty()) expected += " of task " + task;
  throw InputError({.file = run.directory.string(),
                    .expected = expected,
                    .found = answer.at("run").at("requests").dump() + " requests, " +
                             answer.at("run").at("failed").dump() + " failed",
                    .hint = "see numasim explain RUN --list"});
}

}  // namespace

std::vector<Syntax> explain_syntaxes() { return {kSyntax}; }

int explain_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  const FinishedRun run = read_finished_run(arguments.operands().front(), arguments.values("set"));
  explain::Question question{.wanted = wanted_from(arguments, run)};
  if (arguments.has("list")) question.wanted.kind = Wanted::Kind::slowest;
  ordered_json answer = explain::ask(run.scenario, question);
  if (arguments.has("list")) {
    const ordered_json& requests = answer.at("requests");
    print(arguments.has("json") ? requests.dump(2) + '\n' : list_text(requests));
    return kOk;
  }
  const ordered_json& story = answer.at("story");
  if (story.is_null()) fail_none_fits(run, arguments, answer);
  if (arguments.has("verify")) explain::verify(answer, run.directory, arguments.values("set"));
  print(arguments.has("json") ? story.dump(2) + '\n' : explain::to_text(story));
  return kOk;
}

}  // namespace numasim::cli
