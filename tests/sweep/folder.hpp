#pragma once
// A folder with a scenario and a trace, and sweeps over it.

#include <string>
#include <string_view>
#include <vector>

#include "sim/sweep/plan.hpp"
#include "tests/workloads/temporary_folder.hpp"

namespace numasim::test {

class SweepFolder {
 public:
  SweepFolder() {
    file("t.jsonl",
         "{\"numasim_trace\":1,\"tasks\":[{\"name\":\"a\",\"cpu\":0}]}\n"
         "{\"task\":\"a\",\"op\":\"map\",\"region\":\"heap\",\"pages\":10}\n"
         "{\"task\":\"a\",\"op\":\"touch\",\"region\":\"heap\",\"pages\":10}\n"
         "{\"task\":\"a\",\"op\":\"exit\"}\n");
    file("s.json", R"({"machine": {"nodes": [{"memory_bytes": "64MiB", "cpus": 1}]},
                       "workload": {"trace": "t.jsonl"}})");
  }

  std::filesystem::path file(std::string_view name, std::string_view text) const {
    return folder_.file(name, text);
  }
  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

  /// The sweep that `keys` say, over the scenario s.json.
  std::filesystem::path sweep_file(std::string_view keys) const {
    return file("w.json", R"({"numasim_sweep": 1, "base": "s.json")" +
                              std::string(keys.empty() ? "" : ", ") + std::string(keys) + "}");
  }
  sweep::SweepPlan plan(std::string_view keys, const std::vector<std::string>& overrides = {},
                        std::optional<std::uint64_t> seed = std::nullopt) const {
    return {sweep::read_sweep_file(sweep_file(keys)), overrides, seed};
  }

  /// What planning complains of, one line each, the folder's name taken out.
  std::vector<std::string> faults(std::string_view keys) const {
    std::vector<std::string> lines;
    try {
      plan(keys);
    } catch (const InputError& error) {
      for (const Problem& problem : error.problems())
        lines.push_back(without_folder(to_string(problem)));
    }
    return lines;
  }

 private:
  std::string without_folder(std::string line) const {
    const std::string folder = folder_.path().string() + '/';
    for (std::size_t at = line.find(folder); at != std::string::npos; at = line.find(folder))
      line.erase(at, folder.size());
    return line;
  }

  TemporaryFolder folder_;
};

/// The values of each point as JSON: "512 100".
inline std::vector<std::string> points_of(const sweep::SweepPlan& plan) {
  std::vector<std::string> lines;
  for (const sweep::Point& point : plan.points()) {
    std::string line;
    for (const auto& value : point.values) line += (line.empty() ? "" : " ") + value.dump();
    lines.push_back(line);
  }
  return lines;
}

}  // namespace numasim::test
