#pragma once
// The command line of `trace gen KIND`, made from the table of the kind's parameters.

#include <deque>
#include <string>
#include <vector>

#include "sim/cli/arguments.hpp"
#include "workloads/generate/kinds.hpp"

namespace numasim::cli {

/// The kind that follows a file instead of parameters.
inline constexpr std::string_view kPatternKind = "pattern";

/// Throws UsageError with the nearest name.
const trace::WorkloadKind& find_kind(const std::string& name);

/// What `trace gen --help` prints: the kinds.
std::string generators_help();

/// `trace gen KIND` of every kind; what they look at lives as long as the program.
std::vector<Syntax> generator_syntaxes();

/// --seed, --out, --force, and an option for each parameter: --chunk-pages for chunk_pages.
class GeneratorOptions {
 public:
  explicit GeneratorOptions(const trace::WorkloadKind& kind);
  GeneratorOptions(const GeneratorOptions&) = delete;
  GeneratorOptions& operator=(const GeneratorOptions&) = delete;

  const Syntax& syntax() const { return syntax_; }
  /// Throws UsageError that names the option, its range and what was found.
  trace::Values values(const Arguments& arguments) const;

 private:
  std::string_view keep(std::string text);

  const trace::WorkloadKind& kind_;
  std::deque<std::string> texts_;  // what the options' views look at
  std::vector<Option> options_;
  Syntax syntax_;
};

}  // namespace numasim::cli
