#pragma once
// What a run keeps of the kernel's spinlocks.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sim/results/samples.hpp"

namespace numasim::results {

/// A spinlock over the whole run: one row of locks.csv.
struct LockRow {
  std::string name;
  std::int64_t taken = 0;
  std::int64_t contended = 0;  // of them, those that had to wait
  SimDuration held{0};
  SimDuration waited{0};
  SimDuration longest_wait{0};
};

/// Writes locks.csv. Throws OutputError.
void write_locks(const std::filesystem::path& path, const std::vector<LockRow>& locks);
/// Writes lock_waits.csv: for each task the locks it spun for. Throws OutputError.
void write_lock_waits(const std::filesystem::path& path, std::span<const TaskRow> tasks);

}  // namespace numasim::results
