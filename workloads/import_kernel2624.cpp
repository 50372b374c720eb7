#include "workloads/import_kernel2624.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "workloads/import_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/kernel2624/console.hpp"
#include "workloads/kernel2624/counters.hpp"
#include "workloads/kernel2624/dump.hpp"
#include "workloads/kernel2624/operations.hpp"
#include "workloads/kernel2624/refresh_finder.hpp"
#include "workloads/kernel2624/scenario.hpp"
#include "workloads/kernel2624/stream.hpp"
#include "workloads/state_file.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim {
namespace {

using namespace kernel2624;

/// The change of a free counter that a row logs, if any.
std::optional<CounterStep> counter_step(const Row& row) {
  CounterStep step{.index = row.index, .cpu = row.cpu, .value_after = row.free_after};
  switch (row.type) {
    case RowType::alloc:  // order 0 comes from a per-CPU list
      step.change = -row.order.pages().value;
      step.times = row.order == Order{0} ? 0 : 1;
      return step;
    case RowType::refill:
      step.change = -row.order.pages().value;
      step.times = row.pages;
      return step;
    case RowType::flush:
      step.change = row.order.pages().value;
      step.times = row.pages;
      return step;
    case RowType::free_block:
      step.change = row.order.pages().value;
      step.times = 1;
      return step;
    default:
      return std::nullopt;
  }
}

/// First reading of the stream: when the counters were refreshed, and how the pending changes at
/// the start were split over the CPUs, which goes into the state.
class CounterPass {
 public:
  CounterPass(Dump& dump, ImportReport& report)
      : dump_(dump), report_(report), finder_(Counters(dump.state, dump.cpus)) {}

  std::vector<Refresh> run(Stream stream, const std::string& file) {
    std::uint64_t known = 0;
    std::optional<Row> latest_trim;
    while (const auto row = stream.next()) {
      check_cpu(*row, file);
      if (row->type == RowType::trim) {
        if (!is_same_refresh(latest_trim, *row)) {
          finder_.known_refresh({row->index, row->cpu});
          ++known;
        }
        latest_trim = row;
      }
      auto step = counter_step(*row);
      if (!step) continue;
      step->zone = zone_index(row->zone, file);
      finder_.step(*step);
    }
    split_pending();
    report_.findings["counter values compared"] = finder_.values_seen();
    report_.findings["counter values not explained"] = finder_.values_unexplained();
    const std::vector<Refresh> refreshes = finder_.refreshes();
    report_.findings["refreshes inferred from counter values"] = refreshes.size() - known;
    report_.findings["refreshes seen by what they trimmed"] = known;
    return refreshes;
  }

 private:
  /// One refresh trims the lists of several zones within a fraction of a millisecond.
  static bool is_same_refresh(const std::optional<Row>& before, const Row& row) {
    constexpr SimDuration kLongest = std::chrono::milliseconds(1);
    return before && before->cpu == row.cpu && row.time - before->time < kLongest;
  }

  void check_cpu(const Row& row, const std::string& file) const {
    if (row.cpu.value < dump_.cpus) return;
    throw InputError(
        Problem{.file = file,
                .message = "event " + std::to_string(row.index),
                .expected = "a CPU of the dump, 0 to " + std::to_string(dump_.cpus - 1),
                .found = std::to_string(row.cpu.value)});
  }

  std::size_t zone_index(ZoneCode code, const std::string& file) const {
    const auto& zones = dump_.state.zones;
    const auto zone = std::find_if(zones.begin(), zones.end(), [&](const ZoneState& candidate) {
      return candidate.node == code.node() && candidate.type == code.type();
    });
    if (zone != zones.end()) return static_cast<std::size_t>(zone - zones.begin());
    throw InputError(Problem{.file = file,
                             .expected = "zones of the dump",
                             .found = "zone code " + std::to_string(code.value)});
  }

  void split_pending() {
    for (std::size_t i = 0; i < dump_.state.zones.size(); ++i) {
      for (PagesetState& pageset : dump_.state.zones[i].pagesets) {
        pageset.pending_free.value = finder_.start().pending(i, pageset.cpu);
      }
    }
  }

  Dump& dump_;
  ImportReport& report_;
  RefreshFinder finder_;
};

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
      CounterPass(dump, report).run(Stream(stream_file), stream_file.string());

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
