#pragma once
// results.csv: one row for each run of a sweep, in the order of the design.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/results/output_file.hpp"
#include "sim/sweep/sweep_directory.hpp"

namespace numasim::sweep {

/// How many rows there are in each state.
struct Tally {
  std::size_t total = 0;
  std::size_t ok = 0;
  std::size_t failed = 0;   // crashed and timed out ones included
  std::size_t missing = 0;  // not run

  void count(RunState state);
};

/// The numbers of a summary.json by their names in stats.txt, in the order of the file.
using Metrics = std::vector<std::pair<std::string, std::int64_t>>;
Metrics metrics_of(const nlohmann::ordered_json& summary);

/// The columns of numbers of a table: those of the first run, then what later ones have beyond it.
class MetricColumns {
 public:
  /// `wanted` names metrics or sections of them; empty: all. It must outlive the columns.
  explicit MetricColumns(const std::vector<std::string>& wanted) : wanted_(wanted) {}

  void add(const Metrics& metrics);
  const std::vector<std::string>& names() const { return names_; }
  /// A run's numbers, ",1,2"; -1 for those it has not.
  std::string fields(const Metrics& metrics) const;
  /// Throws InputError that names `sweep` for a wanted metric that no run has: it would be an empty
  /// column and nobody would notice.
  void check_wanted(const std::string& sweep) const;

 private:
  bool is_wanted(const std::string& name) const;

  const std::vector<std::string>& wanted_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> places_;
  std::set<std::string> known_;
};

using results::csv_field;

/// The value of a setting as a field: a number in the unit of its key, 1 and 0 for true and false.
/// What does not apply is -1 among numbers and "-" among texts, as in the tables of a run.
std::string csv_value(const nlohmann::ordered_json& value, const std::string& path);

/// summary.json of a run. Throws InputError if it is something else, FileError.
nlohmann::ordered_json read_summary(const std::filesystem::path& file);

struct ResultsTable {
  std::string csv;
  Tally tally;
};

/// Reads the results of every run of `manifest` from the first of `places` that has it. Throws
/// InputError for a metric that no run has, or a summary that cannot be read.
ResultsTable make_results_table(const Manifest& manifest, std::span<const SweepDirectory> places);

/// "total 42, ok 40, failed 2, skipped 0".
std::string to_string(const Tally& tally);

}  // namespace numasim::sweep
