#include "sim/cli/arguments.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <limits>

#include "workloads/input_error.hpp"

namespace numasim::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kOperands = "operands";

std::vector<Option> all_options(const Syntax& syntax) {
  std::vector<Option> options(syntax.options.begin(), syntax.options.end());
  options.push_back(kHelpOption);
  return options;
}

po::options_description describe(const Syntax& syntax) {
  po::options_description description;
  for (const Option& option : all_options(syntax)) {
    std::string names(option.name);
    if (option.letter != 0) names += std::string(",") + option.letter;
    if (option.argument.empty()) {
      description.add_options()(names.c_str(), po::bool_switch());
    } else {
      description.add_options()(names.c_str(), po::value<std::vector<std::string>>());
    }
  }
  description.add_options()(kOperands, po::value<std::vector<std::string>>());
  return description;
}

[[noreturn]] void fail(const Syntax& syntax, const std::string& message) {
  throw UsageError(message + "; see numasim " + std::string(syntax.command) + " --help");
}

[[noreturn]] void fail_unknown(const Syntax& syntax, const std::string& name) {
  std::vector<std::string> dashed;
  for (const Option& option : all_options(syntax))
    dashed.push_back("--" + std::string(option.name));
  const std::string hint = did_you_mean(name, {dashed.begin(), dashed.end()});
  const std::string message = "unknown option " + name;
  fail(syntax, hint.empty() ? message : message + "; " + hint);
}

/// Boost has many exceptions and many words; ours are few.
po::parsed_options parse(const Syntax& syntax, const std::vector<std::string>& args,
                         const po::options_description& description) {
  po::positional_options_description positional;
  positional.add(kOperands, -1);
  using Style = po::command_line_style::style_t;
  const int style = po::command_line_style::unix_style & ~Style::allow_guessing;
  try {
    return po::command_line_parser(args)
        .options(description)
        .positional(positional)
        .style(style)
        .run();
  } catch (const po::unknown_option& error) {
    fail_unknown(syntax, error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
    fail(syntax, error.get_option_name() + (extra ? " takes no value" : " needs a value"));
  } catch (const po::error_with_option_name& error) {
    fail(syntax, error.get_option_name() + " cannot be understood");
  }
}

const Option* find_option(const std::vector<Option>& options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const Option& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

void check_operands(const Syntax& syntax, std::size_t count) {
  if (count < syntax.least_operands)
    fail(syntax,
         "numasim " + std::string(syntax.command) + " needs " + std::string(syntax.operands));
  if (count > syntax.most_operands)
    fail(syntax, "numasim " + std::string(syntax.command) + " takes " +
                     (syntax.most_operands == 0 ? "no operands" : std::string(syntax.operands)) +
                     " only");
}

std::string left_column(const Option& option) {
  std::string text = option.letter != 0 ? std::string("  -") + option.letter + ", " : "      ";
  text += "--" + std::string(option.name);
  if (!option.argument.empty()) text += ' ' + std::string(option.argument);
  return text;
}

}  // namespace

const Option kHelpOption{.name = "help", .help = "print this and exit", .letter = 'h'};

std::optional<std::string> Arguments::value(std::string_view option) const {
  const auto& all = values(option);
  if (all.empty()) return std::nullopt;
  return all.front();
}

const std::vector<std::string>& Arguments::values(std::string_view option) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(option);
  return found == values_.end() ? none : found->second;
}

Arguments parse_arguments(const Syntax& syntax, const std::vector<std::string>& args) {
  const std::vector<Option> options = all_options(syntax);
  const po::parsed_options parsed = parse(syntax, args, describe(syntax));
  Arguments arguments;
  for (const auto& given : parsed.options) {
    const Option* option = find_option(options, given.string_key);
    auto& values = option == nullptr ? arguments.operands_ : arguments.values_[given.string_key];
    const bool again = option != nullptr && !option->argument.empty() && !values.empty();
    if (again && !option->repeatable) fail(syntax, "--" + given.string_key + " is given twice");
    values.insert(values.end(), given.value.begin(), given.value.end());
  }
  if (!arguments.has("help")) check_operands(syntax, arguments.operands().size());
  return arguments;
}

std::string help_text(const Syntax& syntax) {
  std::string text = "usage: numasim " + std::string(syntax.command);
  if (!syntax.operands.empty()) text += ' ' + std::string(syntax.operands);
  text += " [options]\n\n" + std::string(syntax.purpose) + "\n\noptions:\n";
  std::size_t width = 0;
  const std::vector<Option> options = all_options(syntax);
  for (const Option& option : options) width = std::max(width, left_column(option).size());
  for (const Option& option : options) {
    std::string line = left_column(option);
    line.resize(width + 2, ' ');
    line += option.help;
    if (option.repeatable) line += "; may be repeated";
    if (!option.otherwise.empty()) line += " [" + std::string(option.otherwise) + "]";
    text += line + '\n';
  }
  if (!syntax.examples.empty()) text += "\nexamples:\n" + std::string(syntax.examples);
  return text;
}

std::uint64_t parse_count(std::string_view option, const std::string& text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && !text.empty()) return value;
  throw UsageError("--" + std::string(option) + " expects a whole number in 0.." +
                   std::to_string(std::numeric_limits<std::uint64_t>::max()) + ", found \"" + text +
                   '"');
}

}  // namespace numasim::cli
