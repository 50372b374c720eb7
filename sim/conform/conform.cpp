#include "sim/conform/conform.hpp"

#include <algorithm>
#include <filesystem>

#include "sim/conform/families.hpp"
#include "sim/conform/machine/fault_decisions.hpp"
#include "sim/conform/machine/replay.hpp"
#include "workloads/input_error.hpp"

namespace numasim::conform {
namespace {

struct Family {
  std::string_view name;
  void (*replay)(Recording&, const Json& header, Verdicts&);
};

constexpr Family kFamilies[] = {
    {"setup", replay_setup},           {"watermark", replay_watermark}, {"cpuset", replay_cpuset},
    {"rmqueue", replay_rmqueue},       {"slowpath", replay_slowpath},   {"vmscan", replay_vmscan},
    {"congestion", replay_congestion},
};

const Family& find_family(const std::string& name, const Recording& recording) {
  const auto* found = std::ranges::find(kFamilies, name, &Family::name);
  if (found != std::end(kFamilies)) return *found;
  throw InputError(Problem{.file = recording.path(),
                           .line = recording.line(),
                           .pointer = "/family",
                           .expected = "a family of recordings",
                           .found = '"' + name + '"',
                           .hint = did_you_mean(name, family_names())});
}

/// "[json.exception.type_error.302] type must be number" without its number.
std::string plain_message(const Json::exception& error) {
  const std::string text = error.what();
  const std::size_t end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

void replay_recording(Recording& recording, Verdicts& verdicts) {
  const std::string what = "a header line with \"header\" and \"family\"";
  if (!recording.next()) recording.malformed(what, "nothing");
  const Json header = recording.parse();
  if (!header.is_object() || !header.contains("header") || !header.contains("family"))
    recording.malformed(what, recording.text().substr(0, 60));
  const std::string name = header.at("family").get<std::string>();
  const Family& family = find_family(name, recording);
  if (verdicts.wants_family(name)) family.replay(recording, header, verdicts);
}

void replay_folder(const std::filesystem::path& folder, Verdicts& verdicts) {
  if (records_fault_decisions(folder)) return replay_fault_decisions(folder, verdicts);
  replay_machine(folder, verdicts);
}

}  // namespace

std::vector<std::string_view> family_names() {
  std::vector<std::string_view> names;
  for (const Family& family : kFamilies) names.push_back(family.name);
  names.push_back("machine");
  names.push_back("faults");
  return names;
}

void replay_file(const std::string& path, Verdicts& verdicts) {
  if (std::filesystem::is_directory(path)) return replay_folder(path, verdicts);
  Recording recording(path);
  try {
    replay_recording(recording, verdicts);
  } catch (const Json::exception& error) {
    recording.malformed("a record of the family's format", plain_message(error));
  } catch (const std::out_of_range& error) {
    recording.malformed("a record that fits the machine", error.what());
  } catch (const InputError& error) {
    Problem problem = error.problems().front();
    if (!problem.file.empty()) throw;
    problem.file = recording.path();
    problem.line = recording.line();
    throw InputError(std::move(problem));
  }
}

}  // namespace numasim::conform
