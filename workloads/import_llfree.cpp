#include "workloads/import_llfree.hpp"

#include <string>

#include "workloads/ftrace/machine.hpp"
#include "workloads/ftrace/scenario.hpp"
#include "workloads/import_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/llfree/convert.hpp"

namespace numasim {
namespace {

ftrace::Machine machine_of(const llfree::Header& header, const std::filesystem::path& file,
                           const std::optional<FtraceMachine>& given) {
  if (!given) {
    const auto cores = static_cast<unsigned>(header.cores);
    return ftrace::uniform_machine(1, Bytes{header.max_pfn * kPageBytes}, cores);
  }
  const std::uint64_t cpus = std::uint64_t{given->nodes} * given->cpus_each;
  if (cpus < header.cores) {
    throw InputError(
        Problem{.file = file.string(),
                .expected = "a machine with the CPUs of the trace, " + std::to_string(header.cores),
                .found = std::to_string(cpus)});
  }
  return ftrace::uniform_machine(given->nodes, given->memory_each, given->cpus_each);
}

}  // namespace

ImportReport import_llfree(const std::filesystem::path& file, const std::filesystem::path& to,
                           std::optional<FtraceMachine> known_machine) {
  ImportReport report;
  llfree::Reader reader(file);
  const ftrace::Machine machine = machine_of(reader.header(), file, known_machine);
  const std::string name = file.stem().string();
  ImportFolder folder(to);
  trace::TraceWriter trace(folder.path("trace.jsonl.gz"),
                           {.description = "trace " + name + " of LLFree", .tasks = {}});
  const SimTime end = llfree::to_trace(reader, trace, report);
  OutputFile scenario(folder.path("scenario.json"));
  scenario.write(ftrace::scenario_json(name, machine, end));
  trace.close();
  scenario.close();
  trace.publish();
  scenario.publish();
  folder.keep();
  report.files = {folder.path("scenario.json"), folder.path("trace.jsonl.gz")};
  return report;
}

}  // namespace numasim
