#include "workloads/import_ftrace.hpp"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "workloads/ftrace/events.hpp"
#include "workloads/ftrace/line.hpp"
#include "workloads/ftrace/machine.hpp"
#include "workloads/ftrace/scenario.hpp"
#include "workloads/import_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim {
namespace {

using namespace ftrace;

/// "a" of "a.trace.gz".
std::string stem_of(const std::filesystem::path& capture) {
  if (capture == "-") return "stdin";
  const std::string name = capture.filename().string();
  return name.substr(0, name.find('.'));
}

Machine machine_of(const std::filesystem::path& capture,
                   const std::optional<FtraceMachine>& machine) {
  if (machine) return uniform_machine(machine->nodes, machine->memory_each, machine->cpus_each);
  for (const std::string& name : {stem_of(capture) + ".before.txt", std::string("boot.txt")}) {
    const std::filesystem::path beside = capture.parent_path() / name;
    if (std::filesystem::exists(beside)) return read_machine(beside);
  }
  throw InputError(Problem{.file = capture.string(),
                           .message = "the machine of this capture is not known",
                           .hint = "say how many nodes and how much memory it had, or put its "
                                   "/proc/zoneinfo into " +
                                   stem_of(capture) + ".before.txt"});
}

/// The sum of the numbers behind `key` in a line: "overrun: 17".
std::uint64_t sum_behind(std::string_view key, std::string_view line) {
  std::uint64_t sum = 0;
  for (std::size_t at = line.find(key); at != line.npos; at = line.find(key, at + 1)) {
    std::uint64_t number = 0;
    std::from_chars(line.data() + at + key.size(), line.data() + line.size(), number);
    sum += number;
  }
  return sum;
}

/// The tracer's own count of losses, when it lies beside the capture: the text of
/// per_cpu/cpuN/stats in a.trace.stats for a.trace.gz.
void note_losses_beside(const std::filesystem::path& capture, ImportReport& report) {
  std::filesystem::path stats = capture;
  if (stats.extension() == ".gz" || stats.extension() == ".zst") stats.replace_extension();
  stats += ".stats";
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(stats, ignored)) return;
  LineSource lines(stats);
  std::uint64_t lost = 0;
  while (const auto line = lines.next()) {
    lost += sum_behind("overrun: ", line->text) + sum_behind("dropped events: ", line->text);
  }
  if (lost > 0) report.findings["events lost, as " + stats.filename().string() + " says"] = lost;
}

/// Comments, the first line of trace-cmd, and blank lines.
bool says_nothing(std::string_view line) {
  return line.empty() || line.starts_with('#') || line.starts_with("cpus=");
}

/// Reads a capture line by line; what is no event is noted and left out.
class CaptureReader {
 public:
  CaptureReader(LineSource lines, const Machine& machine, ImportReport& report)
      : lines_(std::move(lines)), machine_(machine), report_(report) {}

  void read(Events& events) {
    while (const auto line = lines_.next()) read_line(*line, events);
    if (report_.rows_read.empty() && first_problem_) throw InputError(*first_problem_);
    add_bad_lines();
  }

 private:
  static constexpr std::size_t kMostNamed = 10;

  void read_line(const Line& line, Events& events) {
    note_losses(line.text);
    if (says_nothing(line.text) || lost_events(line.text)) return;
    const auto event = parse_line(line.text);
    if (!event) {
      return note(line,
                  {.column = 1,
                   .expected = "an event: \"task-pid [cpu] flags seconds.micros: event: ...\"",
                   .found = '"' + std::string(line.text.substr(0, 40)) + "...\""});
    }
    check_cpu(line, *event);
    try {
      events.event(*event);
    } catch (const InputError& error) {
      note(line, error.problems().front());
    }
  }

  /// Not a fault of the capture but of what was said of its machine.
  void check_cpu(const Line& line, const EventLine& event) const {
    const bool is_known =
        event.cpu ? machine_.cpu_ids.contains(*event.cpu) : !machine_.cpu_ids.empty();
    if (is_known) return;
    throw InputError(
        Problem{.file = lines_.name(),
                .line = line.number,
                .expected = "a CPU of the machine",
                .found = event.cpu ? '[' + std::to_string(*event.cpu) + ']' : "none",
                .hint = "the machine has " + std::to_string(machine_.cpu_ids.size()) + " CPUs"});
  }

  void note_losses(std::string_view text) {
    const auto overwritten = overwritten_events(text);
    if (overwritten && *overwritten > 0) {
      report_.findings["events overwritten before the capture was read"] += *overwritten;
    }
    const auto lost = lost_events(text);
    if (!lost) return;
    ++report_.findings["gaps where the kernel lost events"];
    if (*lost > 0) report_.findings["events lost in gaps that give their number"] += *lost;
  }

  void note(const Line& line, Problem problem) {
    problem.file = lines_.name();
    problem.line = line.number;
    if (!first_problem_) first_problem_ = std::move(problem);
    ++bad_lines_;
    if (bad_line_numbers_.size() < kMostNamed) bad_line_numbers_.push_back(line.number);
  }

  void add_bad_lines() {
    if (bad_lines_ == 0) return;
    report_.findings["lines left out: no event, or one that lacks a field"] = bad_lines_;
    std::string numbers;
    for (const std::uint64_t number : bad_line_numbers_) {
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(number);
    }
    if (bad_lines_ > bad_line_numbers_.size()) numbers += ", ...";
    report_.remarks.push_back("lines left out: " + numbers +
                              "; the first: " + to_string(*first_problem_));
  }

  LineSource lines_;
  const Machine& machine_;
  ImportReport& report_;
  std::optional<Problem> first_problem_;
  std::uint64_t bad_lines_ = 0;
  std::vector<std::uint64_t> bad_line_numbers_;  // the first few
};

void add_remarks(ImportReport& report) {
  if (report.records_written.empty()) {
    report.remarks.push_back("the capture has no event mm_page_alloc or mm_page_free");
  }
  if (report.rows_read.contains("mm_page_free_batched")) {
    report.remarks.push_back(
        "mm_page_free_batched is a second event of a free that mm_page_free has told: left out");
  }
  for (const char* inner :
       {"mm_page_alloc_zone_locked", "mm_page_pcpu_drain", "mm_page_alloc_extfrag"}) {
    if (!report.rows_read.contains(inner)) continue;
    report.remarks.push_back(std::string(inner) +
                             " tells how the captured kernel went about it: left out");
  }
  report.remarks.push_back(
      "a capture does not tell: memory in use before it, allocations in bulk and by compaction, "
      "memory policies");
}

}  // namespace

ImportReport import_ftrace(const std::filesystem::path& capture, const std::filesystem::path& to,
                           std::optional<FtraceMachine> known_machine) {
  ImportReport report;
  LineSource lines(capture);
  const Machine machine = machine_of(capture, known_machine);
  CaptureReader reader(std::move(lines), machine, report);
  ImportFolder folder(to);
  const trace::Header header{.description = "capture " + stem_of(capture) + " of kmem events"};
  trace::TraceWriter trace(folder.path("trace.jsonl.gz"), header);
  Events events(machine, trace, report);
  reader.read(events);
  note_losses_beside(capture, report);
  OutputFile scenario(folder.path("scenario.json"));
  scenario.write(ftrace::scenario_json(stem_of(capture), machine, events.end()));
  trace.close();
  scenario.close();
  trace.publish();
  scenario.publish();
  folder.keep();
  report.files = {folder.path("scenario.json"), folder.path("trace.jsonl.gz")};
  add_remarks(report);
  return report;
}

}  // namespace numasim
