#pragma once
// Which nodes the tasks of a recorded kernel were confined to, by a cpuset or by a policy.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "allocator/task.hpp"

namespace numasim::conform {

/// The cpuset that a recording has beside the root, and who is in it.
struct RecordedCpuset {
  NodeMask mems;
  bool mem_exclusive = false;
  std::vector<NodeMask> later_mems;  // what was written to its mems, in order
  std::set<std::uint32_t> pids;
};

struct RecordedConfines {
  std::optional<RecordedCpuset> cpuset;
  std::map<std::uint32_t, NodeMask> bound;  // tasks whose policy is MPOL_BIND, by pid
};

/// What the console of a recording shows of them.
RecordedConfines read_confines(const std::filesystem::path& console);

}  // namespace numasim::conform
