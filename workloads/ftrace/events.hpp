#pragma once
// From events of the kernel's tracer to records of a trace.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "workloads/ftrace/gfp_names.hpp"
#include "workloads/ftrace/line.hpp"
#include "workloads/ftrace/machine.hpp"
#include "workloads/import_report.hpp"
#include "workloads/trace_writer.hpp"

namespace numasim::ftrace {

/// Takes the events of a capture in file order. What a process did on one CPU is a task, and what
/// interrupts did there is another: so that one that must wait for memory does not hold up those
/// that free it.
class Events {
 public:
  Events(const Machine& machine, trace::TraceWriter& trace, ImportReport& report)
      : machine_(machine), trace_(trace), report_(report) {}

  /// Date of the latest record.
  SimTime end() const { return SimTime(SimDuration(latest_)); }

  /// Throws InputError, without a place, when an event lacks a field. Requires: the machine has its
  /// CPU, if it names one, or else any.
  void event(const EventLine& line);

 private:
  struct LiveBlock {
    std::uint64_t id = 0;
    Order order{};
  };

  void alloc(const EventLine& line);
  void free(const EventLine& line);
  Gfp gfp(const EventLine& line, bool& memalloc);
  bool is_reclaimer(const EventLine& line) const;
  void put(const EventLine& line, trace::Operation operation, bool memalloc);
  std::optional<SimTime> date_of(const EventLine& line);
  std::uint32_t task_of(const EventLine& line);

  const Machine& machine_;
  trace::TraceWriter& trace_;
  ImportReport& report_;
  std::map<std::string, std::uint32_t> tasks_;  // by name
  std::set<std::string> reclaiming_;            // tasks in direct reclaim
  std::map<Pfn, LiveBlock> live_;
  std::map<std::string, TranslatedGfp> translated_;
  std::uint64_t next_id_ = 0;
  std::optional<std::int64_t> origin_;
  std::int64_t latest_ = 0;
};

}  // namespace numasim::ftrace
