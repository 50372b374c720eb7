#pragma once
// A recorded dump of the whole allocator (dump0.tsv.gz) to a machine state.

#include <filesystem>

#include "workloads/state.hpp"

namespace numasim::kernel2624 {

struct Dump {
  MachineState state;
  unsigned cpus = 0;
  int struct_page_bytes = 56;
  int hz = 250;
};

/// Reads a dump. The pending counter changes of the CPUs are not in it: each zone's sum is known,
/// its split over the CPUs is left to the caller (all on the first CPU here). Throws InputError.
Dump read_dump(const std::filesystem::path& file);

}  // namespace numasim::kernel2624
