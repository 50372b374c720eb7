#pragma once
// A booted kernel as its recording shows it: the machine, the state when recording began, and
// which nodes its tasks are confined to.

#include <filesystem>
#include <vector>

#include "allocator/memory.hpp"
#include "sim/conform/machine/recorded_confines.hpp"
#include "sim/conform/verdicts.hpp"
#include "workloads/kernel2624/console.hpp"
#include "workloads/kernel2624/dump.hpp"
#include "workloads/kernel2624/refresh_finder.hpp"

namespace numasim::conform {

struct RecordedKernel {
  /// Reads a recording's folder: dump0, the console, and the stream once. Throws InputError.
  explicit RecordedKernel(const std::filesystem::path& folder);

  kernel2624::Console console;
  kernel2624::Dump dump;
  std::vector<kernel2624::Refresh> refreshes;  // of the per-CPU counters, ascending
  RecordedConfines confines;

  MachineLayout layout() const;
  KernelConfig config() const;
};

/// The machine a recording was made on, and its kernel's settings as far as boot decides them.
MachineLayout recorded_layout(const kernel2624::Console& console, const kernel2624::Dump& dump);
KernelConfig recorded_config(const kernel2624::Console& console, const kernel2624::Dump& dump);

/// Compares what our boot made of the machine with what the kernel had: watermarks, lowmem_reserve,
/// lengths of the per-CPU lists, zonelists.
std::optional<Difference> compare_boot(const std::filesystem::path& folder,
                                       const RecordedKernel& kernel, const Memory& memory);

/// Compares the whole allocator with a later dump, down to the order of every list.
std::optional<Difference> compare_dump(const std::filesystem::path& file, const Memory& memory);

}  // namespace numasim::conform
