#include "sim/results/provenance.hpp"

#include <unistd.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

namespace numasim::results {
namespace {

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm calendar{};
  gmtime_r(&now, &calendar);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &calendar)};
}

}  // namespace

Provenance provenance_from_now(std::vector<std::string> command_line) {
  return {version(), std::move(command_line), host_name(), utc_now(),
          std::chrono::steady_clock::now()};
}

std::string provenance_json(const Provenance& provenance) {
  using Json = nlohmann::ordered_json;
  using std::chrono::milliseconds;
  const auto wall_time = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() -
                                                                  provenance.stopwatch);
  const Json json{{"numasim_provenance", 1},
                  {"version", provenance.version.number},
                  {"git_hash", provenance.version.git_hash},
                  {"simgrid_version", provenance.version.simgrid},
                  {"command_line", provenance.command_line},
                  {"host", provenance.host},
                  {"started_at", provenance.started_at},
                  {"wall_time_ms", wall_time.count()}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace numasim::results
