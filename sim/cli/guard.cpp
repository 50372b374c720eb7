#include "sim/cli/guard.hpp"

#include <exception>
#include <new>
#include <string>

#include "sim/cli/arguments.hpp"
#include "sim/cli/exit_code.hpp"
#include "sim/cli/terminal.hpp"
#include "sim/results/output_file.hpp"
#include "workloads/input_error.hpp"

namespace numasim::cli {

int guarded(const std::function<int()>& work) {
  try {
    return work();
  } catch (const UsageError& error) {
    complain(error.what());
    return kUsage;
  } catch (const FileError& error) {
    complain_about(error);
    return kFileTrouble;
  } catch (const InputError& error) {
    complain_about(error);
    return kBadInput;
  } catch (const results::OutputError& error) {
    complain(error.what());
    return kFileTrouble;
  } catch (const std::bad_alloc&) {
    complain("out of memory");
    return kFailed;
  } catch (const std::exception& error) {
    complain(std::string("internal error: ") + error.what());
    return kFailed;
  }
}

}  // namespace numasim::cli
