#pragma once
// Small runs written as text: a machine of two nodes and the records of a trace.

#include <string>
#include <string_view>

#include "sim/settings/load_scenario.hpp"
#include "tests/experiment/finished_run.hpp"

namespace numasim::test {

inline constexpr std::string_view kHeader =
    R"({"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":1}]})"
    "\n";

class TraceFolder {
 public:
  /// Two nodes of 16 MiB with one CPU each, or as `more` says, run `records` after kHeader.
  Scenario scenario(std::string_view records, std::string_view more = "") const {
    folder_.file("trace.jsonl", std::string(kHeader) + std::string(records));
    const std::string machine =
        R"("machine": {"nodes": [{"memory_bytes": "16MiB"}, {"memory_bytes": "16MiB"}]})";
    folder_.file("scenario.json", '{' + machine + ", \"workload\": {\"trace\": \"trace.jsonl\"}" +
                                      std::string(more) + '}');
    return load_scenario(folder_ / "scenario.json");
  }

  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
};

}  // namespace numasim::test
