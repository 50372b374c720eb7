#include "sim/validation/recording.hpp"

#include <fstream>
#include <set>

#include "workloads/input_error.hpp"
#include "workloads/tsv_rows.hpp"

namespace numasim::validation {
namespace {

std::string name_of(std::filesystem::path folder) {
  if (!folder.has_filename()) folder = folder.parent_path();
  return std::filesystem::absolute(folder).lexically_normal().filename().string();
}

nlohmann::json read_summary(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw FileError(file.string(), "cannot be read");
  try {
    return nlohmann::json::parse(in);
  } catch (const nlohmann::json::parse_error& error) {
    throw InputError(Problem{
        .file = file.string(), .expected = "a JSON document", .found = std::string(error.what())});
  }
}

/// How the cpuset of the workload was set up, the console says better than the command line.
void add_cpuset(Recording& recording) {
  constexpr std::string_view kCpuset = "/dev/cpuset/a/";
  for (const ShownFile& file : recording.shown) {
    if (!file.path.starts_with(kCpuset) || file.lines.empty()) continue;
    const std::string key = "cpuset." + file.path.substr(kCpuset.size());
    if (!recording.parameters.has(key)) recording.parameters.set(key, file.lines.front());
  }
}

/// Who sets the first mark after init.
TaskId first_child(const std::filesystem::path& file) {
  constexpr std::int64_t kInit = 1;
  TsvRows events(file);
  while (events.next())
    if (events.text(5) == "MARK" && events.number(4) != kInit)
      return TaskId{static_cast<std::uint32_t>(events.number(4))};
  return TaskId{kInit + 1};
}

/// The first sample of each zone tells of the LRU lists; the first sample that a timer interrupt
/// took, where the ticks are.
Outset read_outset(const Recording& recording) {
  Outset outset;
  outset.uptime = SimDuration{recording.summary.value("t0_ns", std::int64_t{0})};
  std::set<std::int64_t> zones;
  TsvRows samples(recording.folder / "samples.tsv.gz");
  while (samples.next() && zones.insert(samples.number(1)).second)
    outset.lru.push_back({.zone = static_cast<int>(samples.number(1)),
                          .inactive = samples.number(3),
                          .active = samples.number(4),
                          .file = samples.number(9)});
  const std::int64_t tick = 1'000'000'000 / recording.dump.hz;
  TsvRows events(recording.folder / "events.tsv.gz");
  while (events.next()) {
    if (events.text(5) != "VMSTAT" || events.number(3) != 1) continue;
    outset.tick_phase = SimDuration{events.number(1) % tick};
    break;
  }
  outset.first_child = first_child(recording.folder / "events.tsv.gz");
  return outset;
}

/// The list is in ops.tsv.gz; the numbers are in the events FAULT, from the last setting on.
AskedBlocks read_asked(const std::filesystem::path& folder) {
  constexpr std::int64_t kNotDrawn = 999;
  AskedBlocks asked;
  TsvRows operations(folder / "ops.tsv.gz");
  while (operations.next()) {
    if (operations.text(3) == "f") continue;
    const std::int64_t node = operations.number(7);
    asked.blocks.push_back({.gfp = static_cast<std::uint32_t>(operations.number(5)),
                            .order = static_cast<int>(operations.number(6)),
                            .node = {},
                            .memalloc = operations.text(3) == "A"});
    if (node >= 0) asked.blocks.back().node = NodeId{static_cast<std::uint16_t>(node)};
  }
  TsvRows events(folder / "events.tsv.gz");
  while (events.next())
    if (events.text(5) == "FAULT" && events.number(8) != kNotDrawn)
      asked.drawn.push_back(static_cast<int>(events.number(8)));
  return asked;
}

}  // namespace

Recording read_recording(const std::filesystem::path& folder) {
  Recording recording{.folder = folder,
                      .name = name_of(folder),
                      .parameters = Parameters(folder / "cmd.txt"),
                      .console = kernel2624::read_console(folder / "console.txt.gz"),
                      .dump = kernel2624::read_dump(folder / "dump0.tsv.gz"),
                      .shown = read_shown_files(folder / "console.txt.gz"),
                      .summary = read_summary(folder / "summary.json")};
  recording.outset = read_outset(recording);
  add_cpuset(recording);
  if (recording.parameters.scenario() == "fault") recording.asked = read_asked(folder);
  return recording;
}

}  // namespace numasim::validation
