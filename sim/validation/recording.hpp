#pragma once
// A recording of a booted kernel under a workload: the folder and what stands in it.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/validation/account.hpp"
#include "sim/validation/parameters.hpp"
#include "sim/validation/shown_files.hpp"
#include "workloads/kernel2624/console.hpp"
#include "workloads/kernel2624/dump.hpp"

namespace numasim::validation {

/// Pages of a zone's LRU lists.
struct LruPages {
  int zone = 0;  // code
  std::int64_t inactive = 0;
  std::int64_t active = 0;
  std::int64_t file = 0;  // of both lists: the boot's files, which lie in memory alone
};

/// How things stood when recording began, beside what the dump shows.
struct Outset {
  SimDuration uptime{0};      // since boot
  SimDuration tick_phase{0};  // from the beginning to the next tick
  std::vector<LruPages> lru{};
  TaskId first_child{2};      // the process that init starts first; the others follow
};

/// A request that the recorder was told to make.
struct AskedBlock {
  std::uint32_t gfp = 0;
  int order = 0;
  std::optional<NodeId> node;  // absent: the task's own
  bool memalloc = false;
};

/// What a workload of fault injection was given: its requests, and the random numbers of the
/// kernel, 0 to 99.
struct AskedBlocks {
  std::vector<AskedBlock> blocks{};
  std::vector<int> drawn{};
};

struct Recording {
  std::filesystem::path folder;
  std::string name;  // of the folder
  Parameters parameters;
  kernel2624::Console console;
  kernel2624::Dump dump;
  std::vector<ShownFile> shown;
  Outset outset{};
  AskedBlocks asked{};
  nlohmann::json summary;
};

/// Reads a recording's folder, all but what happened. Throws InputError.
Recording read_recording(const std::filesystem::path& folder);

/// What happened while it was recorded. Throws InputError.
Account read_account(const Recording& recording);

}  // namespace numasim::validation
