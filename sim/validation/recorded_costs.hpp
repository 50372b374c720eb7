#pragma once
// What the kernel's work cost on the machine of the recordings, an emulator on which every
// instruction takes 4 ns.

#include "allocator/config.hpp"
#include "sim/scenario.hpp"

namespace numasim::validation {

/// One cycle is one nanosecond on that machine.
inline constexpr std::int64_t kRecordedCpuHz = 1'000'000'000;

/// CPU costs of that machine, with the recorder's own where it wrote a record.
CostModel recorded_costs();

/// Buses so fast that only what COSTS names as a copy or a clearing takes time.
MemoryBusConfig recorded_memory_bus();

/// The interrupt at the end of a request: disk completion (softirq), 20 us and 16.5 us a page.
inline constexpr SimDuration kRecordedCompletion{20'000};
inline constexpr SimDuration kRecordedCompletionPerPage{16'500};

/// Work of the programs and of the system calls around them.
inline constexpr Cycles kForkWork{120'000};  // half of fork + exit + wait, 236,400

}  // namespace numasim::validation
