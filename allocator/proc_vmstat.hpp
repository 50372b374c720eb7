#pragma once
// /proc/vmstat: the counters of the machine under the names of 2.6.24, in the kernel's order.

#include <array>
#include <cstdint>
#include <string_view>

#include "allocator/memory.hpp"

namespace numasim {

inline constexpr std::size_t kVmstatItems = 56;
using VmstatValues = std::array<std::int64_t, kVmstatItems>;

/// Items that begin with `nr_` are pages at this moment; the others have counted since boot.
extern const std::array<std::string_view, kVmstatItems> kVmstatNames;

/// What /proc/vmstat would show (vmstat_start(), mm/vmstat.c): pages, but pgpgin and pgpgout in
/// KiB. Differs from Linux: in the older era too the Movable zone has its lines.
VmstatValues proc_vmstat(const Memory& memory);

}  // namespace numasim
