// What is made from the tables of the commands: the completion script and the manual page.

#include <map>
#include <set>
#include <sstream>

#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/settings/scenario_settings.hpp"
#include "sim/version.hpp"

namespace numasim::cli {
namespace {

constexpr Syntax kCompletionSyntax{
    .command = "completion",
    .operands = "SHELL",
    .least_operands = 1,
    .most_operands = 1,
    .purpose = "Prints a script that completes commands, options and settings. SHELL is bash.",
    .options = {},
    .examples = "  source <(numasim completion bash)\n"};

constexpr Syntax kManSyntax{.command = "man",
                            .operands = "",
                            .purpose = "Prints the manual page, as source for man(1).",
                            .options = {},
                            .examples = "  numasim man | man -l -\n"};

// ---- completion

std::string option_words(const Syntax& syntax) {
  std::string words;
  for (const Option& option : syntax.options) words += "--" + std::string(option.name) + ' ';
  return words + "--" + std::string(kHelpOption.name);
}

std::vector<Syntax> all_syntaxes() {
  std::vector<Syntax> all;
  for (const Command& command : commands())
    for (const Syntax& syntax : command.syntaxes()) all.push_back(syntax);
  return all;
}

/// "--out|--save-state": the options after which a file is named.
std::string options_with_files() {
  std::set<std::string> names;
  for (const Syntax& syntax : all_syntaxes())
    for (const Option& option : syntax.options)
      if (option.argument == "FILE" || option.argument == "DIR")
        names.insert("--" + std::string(option.name));
  std::string pattern;
  for (const std::string& name : names) pattern += (pattern.empty() ? "" : "|") + name;
  return pattern;
}

/// What may follow the words of a command that are there already: "" -> run, trace, ...;
/// "trace" -> gen, stat.
std::map<std::string, std::set<std::string>> next_words() {
  std::map<std::string, std::set<std::string>> next{{"", {"--help", "--version"}}};
  for (const Syntax& syntax : all_syntaxes()) {
    std::istringstream words{std::string(syntax.command)};
    std::string before;
    for (std::string word; words >> word;) {
      next[before].insert(word);
      before += (before.empty() ? "" : " ") + word;
    }
  }
  return next;
}

/// What --set can be followed by; elements of lists by their first.
std::string setting_words() {
  std::string words;
  for (const Setting& setting : scenario_settings()) {
    if (setting.kind == SettingKind::section) continue;
    std::string path = setting.path;
    for (std::size_t at = path.find(".N"); at != path.npos; at = path.find(".N", at + 1))
      if (at + 2 == path.size() || path[at + 2] == '.') path.replace(at, 2, ".0");
    words += (words.empty() ? "" : " ") + path + '=';
  }
  return words;
}

std::string bash_script() {
  std::string words, options;
  for (const auto& [before, next] : next_words()) {
    words += "    '" + before + "') words='";
    for (const std::string& word : next) words += word + ' ';
    words += "' ;;\n";
  }
  for (const Syntax& syntax : all_syntaxes())
    options +=
        "    '" + std::string(syntax.command) + " '*) words='" + option_words(syntax) + "' ;;\n";
  return "# Completes numasim in bash; made by `numasim completion bash`.\n"
         "_numasim() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" "
         "words=''\n"
         "  COMPREPLY=()\n"
         "  case ${COMP_WORDS[COMP_CWORD-1]} in\n"
         "    " +
         options_with_files() +
         ") _numasim_files; return ;;\n"
         "    --set) COMPREPLY=($(compgen -W '" +
         setting_words() +
         "' -- \"$word\")); compopt -o nospace 2>/dev/null; return ;;\n"
         "  esac\n"
         "  case $before in\n" +
         words +
         "  esac\n"
         "  [[ $word != -* ]] || case \"$before \" in\n" +
         options +
         "  esac\n"
         "  if [[ -n $words ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  else\n"
         "    _numasim_files\n"
         "  fi\n"
         "}\n"
         "_numasim_files() {\n"
         "  COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  compopt -o filenames 2>/dev/null\n"
         "}\n"
         "complete -F _numasim numasim ./numasim\n";
}

// ---- the manual page

/// Text as man(7) takes it: a hyphen that stays one, no line that looks like a request.
std::string roff(std::string_view text) {
  std::string escaped;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '-') {
      escaped += "\\-";
    } else if (c == '\\') {
      escaped += "\\e";
    } else {
      escaped += c;
    }
    line_begins = c == '\n';
  }
  return escaped;
}

std::string option_paragraph(const Option& option) {
  std::string text = ".TP\n";
  if (option.letter != 0) text += std::string("\\fB\\-") + option.letter + "\\fR, ";
  text += "\\fB\\-\\-" + roff(option.name) + "\\fR";
  if (!option.argument.empty()) text += " \\fI" + roff(option.argument) + "\\fR";
  text += '\n' + roff(option.help);
  if (option.repeatable) text += "; may be repeated";
  if (!option.otherwise.empty()) text += " [" + roff(option.otherwise) + ']';
  return text + '\n';
}

std::string command_section(const Syntax& syntax) {
  std::string text = ".SS numasim " + roff(syntax.command);
  if (!syntax.operands.empty()) text += ' ' + roff(syntax.operands);
  text += " [options]\n" + roff(syntax.purpose) + '\n';
  for (const Option& option : syntax.options) text += option_paragraph(option);
  return text + ".PP\nExamples:\n.PP\n.nf\n" + roff(syntax.examples) + ".fi\n";
}

std::string manual_page() {
  std::string text = ".TH NUMASIM 1 \"\" \"numasim " + roff(version().number) +
                     "\" \"User Commands\"\n"
                     ".SH NAME\n"
                     "numasim \\- simulates the page allocator of Linux 2.6.24 on a NUMA machine\n"
                     ".SH SYNOPSIS\n\\fBnumasim\\fR \\fICOMMAND\\fR [options]\n.SH COMMANDS\n";
  for (const Syntax& syntax : all_syntaxes()) text += command_section(syntax);
  text += ".SH EXIT STATUS\n";
  for (const ExitCodeHelp& entry : kExitCodes)
    text += ".TP\n\\fB" + std::to_string(entry.code) + "\\fR\n" + roff(entry.meaning) + '\n';
  return text;
}

}  // namespace

std::vector<Syntax> completion_syntaxes() { return {kCompletionSyntax}; }

int completion_command(const Args& args) {
  const Arguments arguments = parse_arguments(kCompletionSyntax, args);
  if (printed_help(kCompletionSyntax, arguments)) return kOk;
  const std::string& shell = arguments.operands().front();
  if (shell != "bash") throw UsageError("unknown shell '" + shell + "'; known is: bash");
  print(bash_script());
  return kOk;
}

std::vector<Syntax> man_syntaxes() { return {kManSyntax}; }

int man_command(const Args& args) {
  const Arguments arguments = parse_arguments(kManSyntax, args);
  print(arguments.has("help") ? help_text(kManSyntax) : manual_page());
  return kOk;
}

}  // namespace numasim::cli
