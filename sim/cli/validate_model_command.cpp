#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/figure.hpp"
#include "sim/cli/sweep_arguments.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/validation/validate_model.hpp"

namespace numasim::cli {
namespace {

constexpr std::size_t kMostFolders = 10'000;

constexpr Option kOptions[] = {
    kJobsOption,
    {.name = "out", .argument = "DIR", .help = "keep the run directory of every run in DIR"},
    {.name = "markdown",
     .argument = "DIR",
     .help = "write the result to DIR/README.md, with a figure a scenario"},
    {.name = "repeats",
     .argument = "N",
     .help = "slightly different runs of a scenario under pressure, 1..8; medians count",
     .otherwise = "8"},
    {.name = "sensitivity",
     .argument = "FILE",
     .help = "how much recorded repeats differ",
     .otherwise = "SENSITIVITY.json beside the recordings"},
    {.name = "json", .help = "print the table as one JSON document"},
};

constexpr Syntax kSyntax{
    .command = "validate-model",
    .operands = "DIR...",
    .least_operands = 1,
    .most_operands = kMostFolders,
    .purpose =
        "Runs recorded scenarios of a booted kernel as predictions and compares: the recorded\n"
        "machine in the recorded state, with programs that do what the recorded ones did; nothing\n"
        "of what happened is read. Prints a table with a target for each quantity; exits with 1\n"
        "if one is missed. DIR is a recording, or a folder of recordings.",
    .options = kOptions,
    .examples =
        "  numasim validate-model recordings/clean1 --out runs\n"
        "  numasim validate-model -j 4 recordings\n"};

nlohmann::ordered_json json_of(validation::Reading reading) {
  if (!reading) return nullptr;
  return *reading;
}

std::string json_text(const validation::Validation& validation, std::int64_t failed) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const validation::Verdict& verdict : validation.verdicts)
    rows.push_back({{"scenario", verdict.scenario},
                    {"quantity", verdict.quantity},
                    {"recorded", json_of(verdict.recorded)},
                    {"simulated", json_of(verdict.simulated)},
                    {"error", verdict.error},
                    {"target", verdict.target},
                    {"passed", verdict.passed}});
  const auto passed = static_cast<std::int64_t>(validation.verdicts.size()) - failed;
  const nlohmann::ordered_json document{
      {"rows", rows}, {"notes", validation.notes}, {"passed", passed}, {"failed", failed}};
  return document.dump(2) + '\n';
}

std::size_t repeats_from(const std::string& text) {
  constexpr std::uint64_t kMost = 8;
  const std::uint64_t repeats = parse_count("repeats", text);
  if (repeats >= 1 && repeats <= kMost) return repeats;
  throw UsageError("--repeats expects 1.." + std::to_string(kMost) + ", found " + text);
}

}  // namespace

std::vector<Syntax> validate_model_syntaxes() { return {kSyntax}; }

int validate_model_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (printed_help(kSyntax, arguments)) return kOk;
  validation::ValidationPlan plan;
  for (const std::string& place : arguments.operands())
    for (const auto& folder : validation::recordings_below(place)) plan.folders.push_back(folder);
  plan.jobs = jobs_from(arguments);
  if (const auto text = arguments.value("repeats")) plan.cases.repeats = repeats_from(*text);
  if (const auto file = arguments.value("sensitivity")) plan.cases.sensitivity = *file;
  if (const auto markdown = arguments.value("markdown")) plan.markdown = *markdown;
  plan.draw = draw_validation_figure;
  if (const auto out = arguments.value("out")) plan.out = *out;
  plan.command_line = {"numasim", "validate-model"};
  plan.command_line.insert(plan.command_line.end(), args.begin(), args.end());

  const validation::Validation validation = validate_model(plan);
  if (validation.interrupted) {
    complain("interrupted");
    return kInterrupted;
  }
  const std::int64_t failed = std::ranges::count_if(
      validation.verdicts, [](const validation::Verdict& verdict) { return !verdict.passed; });
  if (arguments.has("json")) {
    print(json_text(validation, failed));
  } else {
    std::string text = table_text(validation.verdicts);
    for (const std::string& note : validation.notes) text += "note: " + note + '\n';
    const auto all = static_cast<std::int64_t>(validation.verdicts.size());
    print(text + std::to_string(all - failed) + " passed, " + std::to_string(failed) + " failed\n");
  }
  return failed > 0 ? kFailed : kOk;
}

}  // namespace numasim::cli
