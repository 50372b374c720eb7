#pragma once
// The programs of the recorded workloads: what each task did, as a function that does it here.

#include <string>

#include "sim/validation/parameters.hpp"
#include "sim/validation/programs/crew.hpp"

namespace numasim::validation {

/// What a parent process does, from the first mark to the last: the whole workload. Suspends.
using Workload = void (*)(Crew& crew, Process& parent, const Parameters& parameters);

/// The workload that a recording's parameters ask for; null when no program is written for it.
Workload workload_of(const Parameters& parameters);

// The pieces.

/// Touches anonymous memory: one byte a page, ascending.
struct Hog {
  std::int64_t pages = 0;
  std::int64_t rate = 0;   // pages a second; 0: as fast as it can
  std::int64_t chunk = 16;  // pages between two looks at the clock
  std::int64_t passes = 1;
  bool holds = false;  // sleeps for ever with its memory, instead of exiting

  /// The hog that the keys hpages, hrate, hchunk and passes ask for.
  static Hog of(const Parameters& parameters);
  /// Runs it, from its mark to mark + 1 and one more for each further pass. Suspends.
  void run(Crew& crew, Process& self) const;
};

/// Writes a new file by write(2) of 4096 bytes, in order, without fsync.
struct FileWriter {
  std::string file;
  std::int64_t pages = 0;
  std::int64_t rate = 0;  // pages a second; 0: as fast as it can
  std::int64_t chunk = 16;

  void run(Crew& crew, Process& self) const;
};

/// The CPU of task k: all tasks are pinned, k mod ncpu.
CpuId cpu_of_task(Crew& crew, const Parameters& parameters, std::int64_t task);

/// Nothing dirty, nothing on its way to the disk. Suspends.
void sync_until_clean(Crew& crew, Process& self);

/// Sets the mark "workload over", waits while the recorder still runs, sets the last one.
void end_workload(Crew& crew, Process& parent);

// The workloads.

void run_anon(Crew& crew, Process& parent, const Parameters& parameters);
void run_clean(Crew& crew, Process& parent, const Parameters& parameters);
void run_dirty(Crew& crew, Process& parent, const Parameters& parameters);
void run_hogs(Crew& crew, Process& parent, const Parameters& parameters);

}  // namespace numasim::validation
