#include "sim/cli/generator_options.hpp"

#include <algorithm>

#include "sim/settings/quantity.hpp"
#include "workloads/input_error.hpp"

namespace numasim::cli {
namespace {

std::string option_name(const trace::Parameter& parameter) {
  std::string name(parameter.name);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// "pages" alone is a unit as well.
Unit unit_of(const trace::Parameter& parameter) {
  return unit_of_key('_' + std::string(parameter.name));
}

/// "16384", or "16384 (64MiB)" where a unit says more.
std::string with_unit(std::uint64_t value, Unit unit) {
  const std::string plain = std::to_string(value);
  const std::string quantity = format_quantity(value, unit);
  return value == 0 || quantity == plain ? plain : plain + " (" + quantity + ')';
}

std::string argument_of(Unit unit) {
  switch (unit) {
    case Unit::pages:
      return "PAGES";
    case Unit::nanoseconds:
      return "NS";
    case Unit::percent:
      return "PERCENT";
    default:
      return "N";
  }
}

}  // namespace

const trace::WorkloadKind& find_kind(const std::string& name) {
  std::vector<std::string_view> names;
  for (const trace::WorkloadKind& kind : trace::workload_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  names.push_back(kPatternKind);
  const std::string hint = did_you_mean(name, names);
  throw UsageError("unknown kind of workload '" + name + "'; " +
                   (hint.empty() ? "see numasim trace gen --help" : hint));
}

std::string generators_help() {
  std::string text =
      "usage: numasim trace gen KIND --out FILE [options]\n\n"
      "Makes a trace from a seed: the same kind, seed and options give the same bytes on any\n"
      "machine. Memory does not grow with its length.\n\nkinds:\n";
  for (const trace::WorkloadKind& kind : trace::workload_kinds()) {
    std::string name(kind.name);
    name.resize(std::max<std::size_t>(12, name.size() + 1), ' ');
    text += "  " + name + std::string(kind.summary) + '\n';
  }
  return text +
         "\n  numasim trace gen pattern PATTERN --out FILE   follows a file of regions and phases\n"
         "  numasim trace gen KIND --help    its parameters, with defaults and ranges\n";
}

std::vector<Syntax> generator_syntaxes() {
  static const std::deque<GeneratorOptions> kinds = [] {
    std::deque<GeneratorOptions> each;
    for (const trace::WorkloadKind& kind : trace::workload_kinds()) each.emplace_back(kind);
    return each;
  }();
  std::vector<Syntax> syntaxes;
  for (const GeneratorOptions& kind : kinds) syntaxes.push_back(kind.syntax());
  return syntaxes;
}

GeneratorOptions::GeneratorOptions(const trace::WorkloadKind& kind) : kind_(kind) {
  options_ = {{.name = "out",
               .argument = "FILE",
               .help = "the trace; .gz and .zst compress, \"-\" is standard output",
               .letter = 'o'},
              {.name = "seed", .argument = "N", .help = "of every random choice", .otherwise = "1"},
              {.name = "force", .help = "replace a file that is there already"}};
  for (const trace::Parameter& parameter : kind.parameters) {
    const Unit unit = unit_of(parameter);
    const std::string range =
        std::to_string(parameter.least) + ".." + format_quantity(parameter.most, unit);
    options_.push_back({.name = keep(option_name(parameter)),
                        .argument = keep(argument_of(unit)),
                        .help = keep(std::string(parameter.help) + "; " + range),
                        .otherwise = keep(with_unit(parameter.otherwise, unit))});
  }
  const std::string command = "trace gen " + std::string(kind.name);
  syntax_ = {.command = keep(command),
             .operands = "",
             .purpose = kind.models,
             .options = options_,
             .examples = keep("  numasim " + command + " --seed 7 --out " + std::string(kind.name) +
                              ".jsonl.gz\n")};
}

trace::Values GeneratorOptions::values(const Arguments& arguments) const {
  trace::Values values(kind_.parameters);
  for (const trace::Parameter& parameter : kind_.parameters) {
    const std::string name = option_name(parameter);
    const auto text = arguments.value(name);
    if (!text) continue;
    const Unit unit = unit_of(parameter);
    const auto parsed = parse_quantity(*text, unit);
    const Whole* value = std::get_if<Whole>(&parsed);
    if (!value || *value < parameter.least || *value > parameter.most) {
      throw UsageError("--" + name + " expects a whole number in " +
                       std::to_string(parameter.least) + ".." + with_unit(parameter.most, unit) +
                       ", found \"" + *text + '"');
    }
    values.set(parameter.name, static_cast<std::uint64_t>(*value));
  }
  return values;
}

std::string_view GeneratorOptions::keep(std::string text) {
  return texts_.emplace_back(std::move(text));
}

}  // namespace numasim::cli
