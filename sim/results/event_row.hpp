#pragma once
// One row of events.csv.

#include <cstdint>
#include <optional>
#include <string_view>

#include "allocator/gfp.hpp"
#include "allocator/units.hpp"

namespace numasim::results {

/// What a row tells. RUN_DIRECTORY.md says what `value` and `detail` mean for each.
enum class EventKind : std::uint8_t {
  kswapd,           // interval: kswapd of a node is awake
  kswapd_wake,      // a sleeping kswapd is woken
  direct_reclaim,   // interval: a task reclaims for itself
  congestion_wait,  // interval: a task waits for a device to get rid of requests
  oom_wait,         // interval: a task sleeps after losing the OOM lock or after a kill
  congested,        // interval: a device holds too many requests of one direction
  out_of_memory,    // the OOM killer is called
  oom_kill,
  oom_lock_lost,
  panic,  // the kernel stops the machine: the last row
  alloc_failed,
  fault_injected,
  pdflush_wake,
  write_failed,
  swap_out,        // reclaim of a zone put pages to writing into swap
  swap_in,         // interval: a fault reads its page from swap
  dirty_throttle,  // interval: balance_dirty_pages holds a writer back
  pdflush,         // interval: a pdflush thread works
  writeback,       // interval: pages of files are being written to a device
  printk,          // the kernel prints a message
};

inline constexpr std::string_view kEventKindNames[] = {
    "kswapd",       "kswapd_wake",    "direct_reclaim", "congestion_wait", "oom_wait",
    "congested",    "out_of_memory",  "oom_kill",       "oom_lock_lost",   "panic",
    "alloc_failed", "fault_injected", "pdflush_wake",   "write_failed",
    "swap_out",     "swap_in",        "dirty_throttle", "pdflush",         "writeback",
    "printk"};

constexpr std::string_view to_string(EventKind kind) {
  return kEventKindNames[static_cast<unsigned>(kind)];
}

/// An interval, or a point when it ends where it begins. The texts live as long as the call that
/// hands the row over.
struct EventRow {
  SimTime begin;
  SimTime end;
  EventKind kind = EventKind::kswapd;
  std::string_view task;
  std::optional<CpuId> cpu;
  std::optional<NodeId> node;
  std::optional<ZoneType> zone;
  std::optional<Order> order;
  std::optional<Gfp> gfp;
  std::optional<std::int64_t> value;
  std::string_view detail;
};

}  // namespace numasim::results
