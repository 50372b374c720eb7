#include "workloads/trace_convert.hpp"

#include <filesystem>
#include <string>

#include "workloads/input_error.hpp"
#include "workloads/llfree/convert.hpp"
#include "workloads/trace_names.hpp"
#include "workloads/trace_reader.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim::trace {
namespace {

ImportReport copy_records(const std::filesystem::path& from, const std::filesystem::path& to) {
  ImportReport report;
  TraceReader reader(from);
  TraceWriter writer(to, reader.header());
  std::size_t declared = reader.tasks().size();
  const auto declare_new_tasks = [&] {
    for (; declared < reader.tasks().size(); ++declared) writer.declare(reader.tasks()[declared]);
  };
  while (const auto record = reader.next()) {
    declare_new_tasks();
    writer.write(*record);
    ++report.records_written[std::string(kOperationNames[record->operation.index()])];
  }
  declare_new_tasks();
  writer.publish();
  return report;
}

ImportReport from_llfree(const std::filesystem::path& from, const std::filesystem::path& to) {
  ImportReport report;
  llfree::Reader reader(from);
  TraceWriter writer(to,
                     {.description = "trace " + from.stem().string() + " of LLFree", .tasks = {}});
  llfree::to_trace(reader, writer, report);
  writer.publish();
  return report;
}

}  // namespace

TraceForm form_of(const std::filesystem::path& file) {
  return file.extension() == ".llfree" ? TraceForm::llfree : TraceForm::json_lines;
}

ImportReport convert(const std::filesystem::path& from, TraceForm from_form,
                     const std::filesystem::path& to, TraceForm to_form) {
  if (from_form == to_form) {
    if (from_form == TraceForm::json_lines) return copy_records(from, to);
    throw InputError(Problem{.file = from.string(), .message = "is in LLFree's form already"});
  }
  return from_form == TraceForm::llfree ? from_llfree(from, to) : llfree::from_trace(from, to);
}

}  // namespace numasim::trace
