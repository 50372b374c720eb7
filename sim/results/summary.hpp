#pragma once
// What a finished run comes to: one value, three ways to write it down.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/results/event_totals.hpp"
#include "sim/results/lock_tables.hpp"
#include "sim/results/outline.hpp"
#include "sim/results/samples.hpp"

namespace numasim::results {

/// A named number with its meaning. `path` is where it stands in summary.json; joined by dots it
/// is its name in stats.txt. The unit is the end of the last name.
struct Stat {
  std::vector<std::string> path;
  std::int64_t value = 0;
  std::string what;
};

struct RunSummary {
  std::string scenario;
  std::uint64_t seed = 0;
  SimTime end;
  std::string ended_by;  // "all tasks ended", "time limit", "panic"
  std::string panic{};   // its story, in parts separated by "; "; empty: there was none
  MachineOutline outline;
  EventTotals events;
  std::vector<ZoneSample> zones_at_end;
  std::vector<DeviceTotals> devices;
  std::vector<TaskRow> tasks;  // for tasks.csv and waits.csv
  std::vector<LockRow> locks{};  // for locks.csv
  std::vector<Stat> further;   // what the runner itself counted: tasks, trace records, ...
};

/// Every number of the summary, in the order of the files.
std::vector<Stat> stats_of(const RunSummary& summary);

/// summary.json, schema "numasim_summary": 1.
std::string summary_json(const RunSummary& summary);

/// stats.txt: one line a number, "name value # what it is".
std::string stats_text(const RunSummary& summary);

/// The summary for people: at most 24 lines of at most 100 columns.
std::string summary_text(const RunSummary& summary);

}  // namespace numasim::results
