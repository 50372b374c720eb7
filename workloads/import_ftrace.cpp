#include "workloads/import_ftrace.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "workloads/ftrace/gfp_names.hpp"
#include "workloads/ftrace/line.hpp"
#include "workloads/ftrace/machine.hpp"
#include "workloads/ftrace/scenario.hpp"
#include "workloads/import_folder.hpp"
#include "workloads/input_error.hpp"
#include "workloads/line_source.hpp"
#include "workloads/trace_names.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim {
namespace {

using namespace ftrace;

/// "a" of "a.trace.gz".
std::string stem_of(const std::filesystem::path& capture) {
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

/// A task's name may hold any bytes; those of a trace are UTF-8.
std::string printable(std::string_view name) {
  std::string text(name);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

/// Events to records. What a process did on one CPU is a task, and what interrupts did there is
/// another: so that one that must wait for memory does not hold up those that free it.
class Events {
 public:
  Events(const Machine& machine, trace::TraceWriter& trace, ImportReport& report)
      : machine_(machine), trace_(trace), report_(report) {}

  /// Date of the latest record.
  SimTime end() const { return SimTime(SimDuration(latest_)); }

  /// Throws InputError, without a place, when an event lacks a field.
  void event(const EventLine& line) {
    ++report_.rows_read[std::string(line.event)];
    if (line.event == "mm_page_alloc") {
      alloc(line);
    } else if (line.event == "mm_page_free" || line.event == "mm_page_free_direct") {
      free(line);
    } else if (line.event == "mm_pagevec_free") {
      free(line);  // before Linux 3.3 the event of its own for each page freed in a batch
    } else if (line.event == "mm_vmscan_direct_reclaim_begin") {
      reclaiming_.emplace(line.task);
    } else if (line.event == "mm_vmscan_direct_reclaim_end") {
      reclaiming_.erase(std::string(line.task));
    }
  }

 private:
  struct LiveBlock {
    std::uint64_t id = 0;
    Order order{};
  };

  static std::uint64_t number(const EventLine& line, std::string_view key) {
    const auto text = detail(line.details, key);
    const auto value = text ? parse_frame(*text) : std::nullopt;
    if (value) return *value;
    throw InputError(Problem{.expected = "a field " + std::string(key) + "=NUMBER",
                             .found = text ? std::string(*text) : "none"});
  }

  static Order order(const EventLine& line) {
    const bool is_single = line.event == "mm_pagevec_free";
    return {static_cast<std::uint8_t>(is_single ? 0 : number(line, "order"))};
  }

  Gfp gfp(const EventLine& line, bool& memalloc) {
    const std::string names(detail(line.details, "gfp_flags").value_or("GFP_KERNEL"));
    auto known = translated_.find(names);
    if (known == translated_.end()) {
      known = translated_.emplace(names, translate_gfp(names)).first;
    }
    for (const std::string& name : known->second.dropped) {
      ++report_.findings["uses of " + name + ", which 2.6.24 has no counterpart of"];
    }
    for (const std::string& name : known->second.not_known) {
      ++report_.findings["uses of the unknown flag " + name];
    }
    memalloc = known->second.memalloc;
    return known->second.mask;
  }

  void alloc(const EventLine& line) {
    const std::uint64_t id = next_id_++;
    const std::uint64_t frame = number(line, "pfn");
    bool memalloc = false;
    const trace::Alloc alloc{.id = id, .order = order(line), .gfp = gfp(line, memalloc)};
    if (frame == 0) {
      ++report_.findings["allocations that failed in the capture"];
    } else if (!live_.insert_or_assign(Pfn{frame}, LiveBlock{id, alloc.order}).second) {
      ++report_.findings["frames given out twice without a free between"];
    }
    put(line, alloc, memalloc || is_reclaimer(line));
  }

  void free(const EventLine& line) {
    const auto block = live_.find(Pfn{number(line, "pfn")});
    if (block == live_.end()) {
      ++report_.findings["frees left out: allocated before the capture, or unseen"];
      return;
    }
    if (block->second.order != order(line)) {
      ++report_.findings["frees with another order than the alloc"];
    }
    put(line, trace::Free{.id = block->second.id}, false);
    live_.erase(block);
  }

  /// Who frees memory has PF_MEMALLOC meanwhile.
  bool is_reclaimer(const EventLine& line) const {
    if (line.in_interrupt) return false;
    return line.task.starts_with("kswapd") || reclaiming_.contains(std::string(line.task));
  }

  void put(const EventLine& line, trace::Operation operation, bool memalloc) {
    const auto cpu = machine_.cpu_ids.find(line.cpu);
    if (cpu == machine_.cpu_ids.end()) {
      throw InputError(Problem{.expected = "a CPU of the machine",
                               .found = '[' + std::to_string(line.cpu) + ']'});
    }
    const std::uint32_t task = task_of(line, cpu->second);
    if (!origin_) origin_ = line.time_ns;
    const std::int64_t since_first = line.time_ns - *origin_;
    if (since_first < latest_) ++report_.findings["events dated before the one above"];
    latest_ = std::max(latest_, since_first);
    ++report_.records_written[std::string(trace::kOperationNames[operation.index()])];
    trace_.write({.not_before = SimTime(SimDuration(latest_)),
                  .task = task,
                  .in_interrupt = line.in_interrupt,
                  .memalloc = memalloc,
                  .operation = std::move(operation)});
  }

  std::uint32_t task_of(const EventLine& line, CpuId cpu) {
    const std::string who = line.in_interrupt ? "interrupt" : printable(line.task);
    const auto [task, is_new] = tasks_.try_emplace(who + '@' + std::to_string(line.cpu),
                                                   static_cast<std::uint32_t>(tasks_.size()));
    if (is_new) trace_.declare({.name = task->first, .cpu = cpu, .kernel_thread = true});
    return task->second;
  }

  const Machine& machine_;
  trace::TraceWriter& trace_;
  std::map<std::string, std::uint32_t> tasks_;  // by name
  ImportReport& report_;
  std::set<std::string> reclaiming_;  // tasks in direct reclaim
  std::map<Pfn, LiveBlock> live_;
  std::map<std::string, TranslatedGfp> translated_;
  std::uint64_t next_id_ = 0;
  std::optional<std::int64_t> origin_;
  std::int64_t latest_ = 0;
};

/// Comments, the first line of trace-cmd, and blank lines.
bool says_nothing(std::string_view line) {
  return line.empty() || line.starts_with('#') || line.starts_with("cpus=");
}

void check_layout(const LineSource& lines, const Line& line) {
  if (line.text.find("latency trace v") == line.text.npos) return;
  throw InputError(Problem{.file = lines.name(),
                           .line = line.number,
                           .message = "this is the latency format, whose times are not dates",
                           .hint = "capture with the option latency-format off"});
}

void read_events(LineSource& lines, Events& events, ImportReport& report) {
  while (const auto line = lines.next()) {
    check_layout(lines, *line);
    if (says_nothing(line->text)) continue;
    if (line->text.find("[LOST ") != line->text.npos) {
      ++report.findings["gaps where the kernel lost events"];
      continue;
    }
    const auto event = parse_line(line->text);
    if (!event) {
      throw InputError(
          Problem{.file = lines.name(),
                  .line = line->number,
                  .column = 1,
                  .expected = "an event: \"task-pid [cpu] flags seconds.micros: event: ...\"",
                  .found = '"' + std::string(line->text.substr(0, 40)) + "...\""});
    }
    try {
      events.event(*event);
    } catch (const InputError& error) {
      Problem problem = error.problems().front();
      problem.file = lines.name();
      problem.line = line->number;
      throw InputError(std::move(problem));
    }
  }
}

void add_remarks(ImportReport& report) {
  if (report.records_written.empty()) {
    report.remarks.push_back("the capture has no event mm_page_alloc or mm_page_free");
  }
  if (report.rows_read.contains("mm_page_free_batched")) {
    report.remarks.push_back(
        "mm_page_free_batched is a second event of a free that mm_page_free has told: left out");
  }
}

}  // namespace

ImportReport import_ftrace(const std::filesystem::path& capture, const std::filesystem::path& to,
                           std::optional<FtraceMachine> known_machine) {
  ImportReport report;
  LineSource lines(capture);
  const Machine machine = machine_of(capture, known_machine);
  ImportFolder folder(to);
  const trace::Header header{.description = "capture " + stem_of(capture) + " of kmem events"};
  trace::TraceWriter trace(folder.path("trace.jsonl.gz"), header);
  Events events(machine, trace, report);
  read_events(lines, events, report);
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
