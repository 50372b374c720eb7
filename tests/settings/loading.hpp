#pragma once
// A scenario file of a test with the faults found in it.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sim/settings/load_scenario.hpp"
#include "tests/workloads/temporary_folder.hpp"
#include "workloads/input_error.hpp"

namespace numasim::test {

/// A folder with a trace ("t.jsonl") and the files a test puts there.
class ScenarioFolder {
 public:
  ScenarioFolder() { folder_.file("t.jsonl", "{\"numasim_trace\":1,\"tasks\":[]}\n"); }

  std::filesystem::path file(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    return folder_.file(name, text);
  }
  const std::filesystem::path& path() const { return folder_.path(); }

  /// Loads `text` as a scenario that runs the trace.
  Scenario load(std::string_view text, const std::vector<std::string>& overrides = {}) const {
    return load_scenario(file("s.json", with_trace(text)), overrides);
  }

  /// What loading `text` complains of, one line each, the folder's name taken out.
  std::vector<std::string> faults(std::string_view text,
                                  const std::vector<std::string>& overrides = {}) const {
    return faults_of(file("s.json", with_trace(text)), overrides);
  }

  std::vector<std::string> faults_of(const std::filesystem::path& scenario,
                                     const std::vector<std::string>& overrides = {}) const {
    std::vector<std::string> lines;
    try {
      load_scenario(scenario, overrides);
    } catch (const InputError& error) {
      for (const Problem& problem : error.problems())
        lines.push_back(without_folder(to_string(problem)));
    }
    return lines;
  }

 private:
  /// `text` begins with '{'; the trace goes to its end, so that no column changes.
  static std::string with_trace(std::string_view text) {
    std::string whole(text);
    const std::size_t last = whole.rfind('}');
    if (last == std::string::npos) return whole;
    const bool empty = whole.find_first_not_of(" {\n") == last;
    if (whole.find("\"workload\"") == std::string::npos)
      whole.insert(last, std::string(empty ? "" : ", ") + R"("workload": {"trace": "t.jsonl"})");
    return whole;
  }

  std::string without_folder(std::string line) const {
    const std::string folder = path().string() + '/';
    for (std::size_t at = line.find(folder); at != std::string::npos; at = line.find(folder))
      line.erase(at, folder.size());
    return line;
  }

  TemporaryFolder folder_;
};

}  // namespace numasim::test
