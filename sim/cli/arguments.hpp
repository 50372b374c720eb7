#pragma once
// The options of a command, described once: parsing and help come from the description.

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace numasim::cli {

/// The command line is wrong: exit code 2. what() is one line for the user.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Option {
  std::string_view name;           // without the dashes
  std::string_view argument = {};  // "DIR"; empty: a switch
  std::string_view help = {};
  std::string_view otherwise = {};  // the default, as help shows it
  bool repeatable = false;
  char letter = 0;  // "-q"; 0: none
};

/// What a command takes. Every command also takes -h and --help.
struct Syntax {
  std::string_view command;
  std::string_view operands;  // "SCENARIO", "FILE..."
  std::size_t least_operands = 0;
  std::size_t most_operands = 0;
  std::string_view purpose;  // one sentence
  std::span<const Option> options;
  std::string_view examples;  // one a line
};

/// -h and --help, which every command takes.
extern const Option kHelpOption;

/// A command line taken apart.
class Arguments {
 public:
  bool has(std::string_view option) const { return values_.contains(option); }
  std::optional<std::string> value(std::string_view option) const;
  const std::vector<std::string>& values(std::string_view option) const;
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  friend Arguments parse_arguments(const Syntax&, const std::vector<std::string>&);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> operands_;
};

/// Throws UsageError. With --help anywhere, operands may be missing.
Arguments parse_arguments(const Syntax& syntax, const std::vector<std::string>& args);

/// Usage, purpose, options with defaults, examples.
std::string help_text(const Syntax& syntax);

/// A whole number without sign. Throws UsageError that names the option.
std::uint64_t parse_count(std::string_view option, const std::string& text);

}  // namespace numasim::cli
