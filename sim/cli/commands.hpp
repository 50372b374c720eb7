#pragma once
// The commands of the program. Each gets its arguments without the program's and its own name,
// returns an exit code, and reports what is wrong by UsageError, InputError, FileError or
// results::OutputError.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/arguments.hpp"

namespace numasim::cli {

using Args = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;  // for the list in --help; empty: left out of it
  int (*run)(const Args& args);
  std::vector<Syntax> (*syntaxes)() = nullptr;  // of it, or of each command below it
};

/// Prints the help of a command if it was asked for; then there is nothing else to do.
bool printed_help(const Syntax& syntax, const Arguments& arguments);

/// Every command, in the order of the list in --help.
std::span<const Command> commands();

int run_command(const Args& args);
int validate_command(const Args& args);
int show_config_command(const Args& args);
int import_command(const Args& args);
int conform_command(const Args& args);
int validate_model_command(const Args& args);
int sweep_command(const Args& args);
int collect_command(const Args& args);
int size_command(const Args& args);
int report_command(const Args& args);
int settings_command(const Args& args);
int schema_command(const Args& args);
int completion_command(const Args& args);
int man_command(const Args& args);
int trace_command(const Args& args);
int explain_command(const Args& args);
int diff_command(const Args& args);
int export_command(const Args& args);

std::vector<Syntax> run_syntaxes();
std::vector<Syntax> validate_syntaxes();
std::vector<Syntax> show_config_syntaxes();
std::vector<Syntax> import_syntaxes();
std::vector<Syntax> conform_syntaxes();
std::vector<Syntax> validate_model_syntaxes();
std::vector<Syntax> settings_syntaxes();
std::vector<Syntax> schema_syntaxes();
std::vector<Syntax> completion_syntaxes();
std::vector<Syntax> man_syntaxes();
std::vector<Syntax> trace_syntaxes();
std::vector<Syntax> sweep_syntaxes();
std::vector<Syntax> collect_syntaxes();
std::vector<Syntax> size_syntaxes();
std::vector<Syntax> explain_syntaxes();
std::vector<Syntax> diff_syntaxes();
std::vector<Syntax> report_syntaxes();
std::vector<Syntax> export_syntaxes();

/// Runs the command that `args` (without the program's name) asks for; returns the exit code.
int dispatch(const Args& args);

}  // namespace numasim::cli
