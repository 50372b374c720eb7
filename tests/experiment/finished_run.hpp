#pragma once
// A run to its end, and what it left behind.

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/experiment.hpp"
#include "tests/workloads/temporary_folder.hpp"

namespace numasim::test {

/// A row of one of the run's tables, by column.
using Row = std::map<std::string, std::string>;

inline std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

/// Requires: no quoted cells.
inline std::vector<Row> rows_of(const std::filesystem::path& csv) {
  std::istringstream in(content_of(csv));
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = split(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = split(line);
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) row[names[i]] = cells[i];
  }
  return rows;
}

class FinishedRun {
 public:
  explicit FinishedRun(const Scenario& scenario) {
    RunOptions options;
    options.out = folder_ / "run";
    options.save_state = folder_ / "end.state.json";
    result_ = run_experiment(scenario, options);
  }

  const RunResult& result() const { return result_; }
  std::filesystem::path path() const { return folder_ / "run"; }
  std::string end_state() const { return content_of(folder_ / "end.state.json"); }

  /// A number of the summary by its path: "/numa/hit".
  std::int64_t stat(const std::string& pointer) const {
    return result_.summary.at(nlohmann::ordered_json::json_pointer(pointer)).get<std::int64_t>();
  }

  std::vector<Row> table(const std::string& name) const { return rows_of(path() / name); }

  /// Rows of events.csv whose cells are as given.
  std::vector<Row> events(const Row& like) const {
    std::vector<Row> found;
    for (Row& row : table("events.csv")) {
      const bool matches = std::ranges::all_of(
          like, [&](const auto& cell) { return row.at(cell.first) == cell.second; });
      if (matches) found.push_back(std::move(row));
    }
    return found;
  }

 private:
  TemporaryFolder folder_;
  RunResult result_;
};

inline std::int64_t number(const Row& row, const std::string& column) {
  return std::stoll(row.at(column));
}

}  // namespace numasim::test
