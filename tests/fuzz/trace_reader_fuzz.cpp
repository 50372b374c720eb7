// No bytes make the trace reader do anything but hand out records or throw InputError.

#include "tests/fuzz/input_file.hpp"
#include "workloads/trace_checker.hpp"
#include "workloads/trace_reader.hpp"

namespace {

/// Reads on after each problem, as `numasim validate` does.
void read_to_the_end(numasim::trace::TraceReader& reader) {
  numasim::trace::TraceChecker checker;
  for (;;) {
    try {
      const auto record = reader.next();
      if (!record) return;
      if (auto problem = checker.check(*record, reader.tasks())) reader.located(*problem);
    } catch (const numasim::InputError&) {  // the next line may be well
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const numasim::fuzz::InputFile file(bytes, count);
  try {
    numasim::trace::TraceReader reader(file.path());
    read_to_the_end(reader);
  } catch (const numasim::InputError&) {  // no header
  }
  return 0;
}
