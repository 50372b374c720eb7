#pragma once

namespace numasim::cli {

/// Exit codes of the program; `numasim --help` lists them from kExitCodes.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kBadInput = 3,
  kFileTrouble = 4,
  kSomeRunsFailed = 5,
  kInterrupted = 130,
};

struct ExitCodeHelp {
  ExitCode code;
  const char* meaning;
};

inline constexpr ExitCodeHelp kExitCodes[] = {
    {kOk, "it worked; a simulated OOM kill or panic is a result, not an error"},
    {kFailed, "a simulated deadlock, a failed check, a warning with --werror, a bug"},
    {kUsage, "the command line is wrong"},
    {kBadInput, "a scenario, trace or other input is wrong; nothing was written"},
    {kFileTrouble, "a file cannot be read or written"},
    {kSomeRunsFailed, "some runs of a sweep failed"},
    {kInterrupted, "interrupted"},
};

}  // namespace numasim::cli
