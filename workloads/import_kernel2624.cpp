#include "workloads/import_kernel2624.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "workloads/import_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/kernel2624/console.hpp"
#include "workloads/kernel2624/counter_pass.hpp"
#include "workloads/kernel2624/dump.hpp"
#include "workloads/kernel2624/operations.hpp"
#include "workloads/kernel2624/scenario.hpp"
#include "workloads/kernel2624/stream.hpp"
#include "workloads/state_file.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim {
namespace {

using namespace kernel2624;

/// Direct reclaim and OOM kills of the processes, when the recording has them.
class ReclaimEvents {
 public:
  explicit ReclaimEvents(const std::filesystem::path& file) {
    if (std::filesystem::exists(file)) rows_.emplace(file);
    advance();
  }

  /// Tells `operations` what happened before the event of that index.
  void tell_before(std::uint64_t index, Operations& operations) {
    for (; has_row_ && index_ < index; advance()) {
      const auto pid = static_cast<std::uint32_t>(rows_->number(4));
      if (rows_->text(5) == "DRBEG") operations.direct_reclaim_begins(pid);
      if (rows_->text(5) == "DREND") operations.direct_reclaim_ends(pid);
      if (rows_->text(5) != "OOMKILL") continue;
      operations.oom_kills(static_cast<std::uint32_t>(rows_->number(6)));
    }
  }

 private:
  void advance() {
    has_row_ = rows_ && rows_->next();
    if (has_row_) index_ = static_cast<std::uint64_t>(rows_->number(0));
  }

  std::optional<TsvRows> rows_;
  bool has_row_ = false;
  std::uint64_t index_ = 0;
};

trace::Header header_of(const std::string& name, unsigned cpus) {
  trace::Header header{.description = "recording " + name + " of Linux 2.6.24",
                       .vm_stats_refresh = trace::VmStatsRefresh::recorded};
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    header.tasks.push_back({.name = "cpu" + std::to_string(cpu),
                            .cpu = CpuId{static_cast<std::uint16_t>(cpu)},
                            .kernel_thread = true});
  }
  return header;
}

std::string first_line(const std::filesystem::path& file) {
  LineSource lines(file);
  const auto line = lines.next();
  return line ? std::string(line->text) : std::string();
}

std::string name_of(const std::filesystem::path& recording) {
  const auto path = std::filesystem::weakly_canonical(recording);
  return path.filename().string();
}

void add_remarks(ImportReport& report) {
  const auto& findings = report.findings;
  if (const auto found = findings.find("counter values not explained"); found->second > 0) {
    report.remarks.push_back(
        "some counter values are not explained by the rows before them (operations of two CPUs "
        "overlap in the log): the replay may differ there by a few pages");
  }
  if (report.rows_read.contains("SLOWIN")) {
    report.remarks.push_back(
        "the recorded kernel reclaimed memory: what it freed is in the trace, but the page cache "
        "and the processes behind it are not, so the simulated kswapd and direct reclaim find "
        "nothing to free");
  }
}

}  // namespace

ImportReport import_kernel2624(const std::filesystem::path& recording,
                               const std::filesystem::path& to) {
  ImportReport report;
  const std::string name = name_of(recording);
  const std::string command = first_line(recording / "cmd.txt");
  const Console console = read_console(recording / "console.txt.gz");
  Dump dump = read_dump(recording / "dump0.tsv.gz");
  dump.state.description = "recording " + name + " of Linux 2.6.24, dump0";
  const std::filesystem::path stream_file = recording / "stream.tsv.gz";
  const std::vector<Refresh> refreshes =
      find_refreshes(dump, recording, CountersShown::by_operations, report);

  ImportFolder folder(to);
  trace::TraceWriter trace(folder.path("trace.jsonl.gz"), header_of(name, dump.cpus));
  Operations operations(refreshes, console.kswapd_pids, report,
                        [&](const trace::Record& record) { trace.write(record); });
  ReclaimEvents events(recording / "events.tsv.gz");
  Stream stream(stream_file);
  while (const auto row = stream.next()) {
    events.tell_before(row->index, operations);
    operations.row(*row);
  }
  operations.finish();
  OutputFile state(folder.path("state.json.gz"));
  state.write(to_json(dump.state));
  OutputFile scenario(folder.path("scenario.json"));
  scenario.write(scenario_json(name, command, console, dump, operations.end()));
  trace.close();
  state.close();
  scenario.close();
  trace.publish();
  state.publish();
  scenario.publish();
  folder.keep();
  for (const char* file : {"scenario.json", "state.json.gz", "trace.jsonl.gz"}) {
    report.files.push_back(folder.path(file));
  }
  add_remarks(report);
  return report;
}

}  // namespace numasim
