// No bytes make an importer do anything but write a trace without faults or throw InputError. The
// first byte chooses the format.

#include <unistd.h>

#include <string>

#include "tests/fuzz/input_file.hpp"
#include "workloads/import_ftrace.hpp"
#include "workloads/import_llfree.hpp"
#include "workloads/trace_checker.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  if (count == 0) return 0;
  const numasim::fuzz::InputFile file(bytes + 1, count - 1);
  const auto to =
      std::filesystem::temp_directory_path() / ("import-fuzz-" + std::to_string(getpid()));
  try {
    if (bytes[0] % 2 == 0) {
      numasim::import_ftrace(
          file.path(), to,
          numasim::FtraceMachine{
              .nodes = 1, .memory_each = numasim::Bytes{1 << 28}, .cpus_each = 4});
    } else {
      numasim::import_llfree(file.path(), to);
    }
    MM_CHECK(numasim::trace::problems_of_trace(to / "trace.jsonl.gz").empty());
  } catch (const numasim::InputError&) {
  }
  std::filesystem::remove_all(to);
  return 0;
}
