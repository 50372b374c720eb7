#include "sim/conform/machine/replay.hpp"

#include <memory>

#include "sim/conform/machine/machine_replay.hpp"

namespace numasim::conform {
namespace {

std::string name_of(const std::filesystem::path& folder) {
  const std::filesystem::path path = std::filesystem::weakly_canonical(folder);
  return path.filename().string();
}

/// Plays rows until one differs; the rest are counted only.
struct Played {
  std::optional<Difference> difference;
  std::uint64_t exact = 0;
  std::uint64_t allocations = 0;
};

Played play_all(const std::filesystem::path& folder, MachineReplay& replay) {
  Played played;
  played.difference = replay.begin();
  MachineRows rows(folder, replay.memory());
  while (const auto row = rows.next()) {
    const bool allocates = row->type == kernel2624::RowType::alloc;
    if (allocates) ++played.allocations;
    if (played.difference) continue;
    played.difference = replay.play(*row, rows);
    if (allocates && !played.difference) ++played.exact;
  }
  if (!played.difference) replay.end();
  return played;
}

}  // namespace

void replay_machine(const std::filesystem::path& folder, Verdicts& verdicts) {
  const std::string name = name_of(folder);
  if (!verdicts.wants_family("machine") || !verdicts.wants(name)) return;
  if (!std::filesystem::exists(folder / "stream.tsv.gz")) {
    verdicts.note(name + ": no stream, passed over");
    return;
  }
  const RecordedKernel kernel(folder);
  MachineReplay replay(folder, kernel);
  const Played played = play_all(folder, replay);
  verdicts.note(name + ": " + std::to_string(played.exact) + " of " +
                std::to_string(played.allocations) + " allocations exact, " +
                std::to_string(replay.counters_corrected()) +
                " counter values taken from the recording, " + std::to_string(replay.races()) +
                " races between CPUs");
  verdicts.judge((folder / "stream.tsv.gz").string(), name, played.difference);
}

}  // namespace numasim::conform
