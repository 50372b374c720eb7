#include "sim/run/swap_areas.hpp"

#include <algorithm>

#include "allocator/check.hpp"

namespace numasim {

void make_swap_areas(const MachineConfig& machine, Kernel& kernel) {
  constexpr std::uint64_t kSectorBytes = 512;
  for (const SwapConfig& swap : machine.swap) {
    const auto disk = std::ranges::find(machine.disks, swap.disk, &DiskConfig::name);
    MM_CHECK(disk != machine.disks.end(), "swap on disk", swap.disk);
    kernel.swapon({.device = DeviceId{static_cast<std::uint16_t>(disk - machine.disks.begin())},
                   .first_sector = swap.first.value / kSectorBytes,
                   .size = {static_cast<std::int64_t>(swap.size.value / kPageBytes)},
                   .priority = swap.priority});
  }
}

}  // namespace numasim
