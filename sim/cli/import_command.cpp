#include <filesystem>
#include <string>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/results/output_file.hpp"
#include "workloads/import_kernel2624.hpp"

namespace numasim::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "out", .argument = "DIR", .help = "folder for scenario.json and its files"},
    {.name = "force", .help = "replace what an import left there before"},
};

constexpr Syntax kSyntax{.command = "import",
                         .operands = "FORMAT PATH",
                         .least_operands = 2,
                         .most_operands = 2,
                         .purpose = "Makes a scenario of recorded kernel activity.",
                         .options = kOptions,
                         .examples =
                             "  numasim import kernel2624 recordings/anon2 --out anon2\n"
                             "  numasim run anon2/scenario.json\n"};

struct Format {
  std::string_view name;
  ImportReport (*import)(const std::filesystem::path& from, const std::filesystem::path& to);
};

constexpr Format kFormats[] = {
    {"kernel2624", import_kernel2624},
};

const Format& format_called(const std::string& name) {
  std::string known;
  for (const Format& format : kFormats) {
    if (format.name == name) return format;
    known += (known.empty() ? "" : ", ") + std::string(format.name);
  }
  throw UsageError("unknown format '" + name + "'; known are: " + known);
}

/// An import must not overwrite what it did not make.
void refuse_if_present(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "scenario.json"))
    throw results::OutputError(folder.string() + " holds a scenario already; add --force");
}

}  // namespace

int import_command(const Args& args) {
  const Arguments arguments = parse_arguments(kSyntax, args);
  if (arguments.has("help")) {
    print(help_text(kSyntax));
    return kOk;
  }
  const Format& format = format_called(arguments.operands().front());
  if (!arguments.has("out")) throw UsageError("import needs --out DIR");
  const std::filesystem::path folder = *arguments.value("out");
  if (!arguments.has("force")) refuse_if_present(folder);
  print(to_string(format.import(arguments.operands().back(), folder)));
  return kOk;
}

}  // namespace numasim::cli
