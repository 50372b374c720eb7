#include "sim/run/swap_areas.hpp"

#include <optional>

#include "allocator/check.hpp"
#include "sim/hardware/io_request.hpp"
#include "sim/hardware/raid0.hpp"

namespace numasim {

void make_swap_areas(const MachineConfig& machine, Kernel& kernel) {
  for (const SwapConfig& swap : machine.swap) {
    const std::optional<DeviceId> device = device_named(machine, swap.disk);
    MM_CHECK(device.has_value(), "swap on disk", swap.disk);
    kernel.swapon({.device = *device,
                   .first_sector = swap.first.value / kSectorBytes,
                   .size = {static_cast<std::int64_t>(swap.size.value / kPageBytes)},
                   .priority = swap.priority});
  }
}

}  // namespace numasim
