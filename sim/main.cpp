// The one place where exceptions end: each kind becomes a message and an exit code.

#include <csignal>
#include <exception>
#include <new>

#include "sim/cli/arguments.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/results/output_file.hpp"
#include "workloads/input_error.hpp"

int main(int argc, char** argv) {
  using namespace numasim;
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is seen where we write
  try {
    return cli::dispatch({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const cli::UsageError& error) {
    cli::complain(error.what());
    return cli::kUsage;
  } catch (const FileError& error) {
    cli::complain_about(error);
    return cli::kFileTrouble;
  } catch (const InputError& error) {
    cli::complain_about(error);
    return cli::kBadInput;
  } catch (const results::OutputError& error) {
    cli::complain(error.what());
    return cli::kFileTrouble;
  } catch (const std::bad_alloc&) {
    cli::complain("out of memory");
    return cli::kFailed;
  } catch (const std::exception& error) {
    cli::complain(std::string("internal error: ") + error.what());
    return cli::kFailed;
  }
}
