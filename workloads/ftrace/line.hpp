#pragma once
// A line of the kernel's trace as text: the file `trace`, `trace-cmd report` or `perf script`.

#include <cstdint>
#include <optional>
#include <string_view>

namespace numasim::ftrace {

/// One event. The texts are parts of the line.
struct EventLine {
  std::string_view task{};  // "comm-pid", or "comm pid" of perf script
  std::optional<unsigned> cpu{};
  bool in_interrupt = false;  // from the flags column, when there is one
  std::optional<std::int64_t> time_ns{};
  std::string_view event{};    // without "kmem:"
  std::string_view details{};  // "page=... pfn=0x10398 order=1 ..."
};

/// Reads "comm-pid [cpu] flags seconds.micros: event: details", with or without the flags, the
/// time, a column of thread groups, or the system's name before the event; the latency format
/// ("comm-pid 3d..1. 118727us+: event: details"); and perf script without CPU. Nothing when it is
/// none.
std::optional<EventLine> parse_line(std::string_view line);

/// How many events a line says were lost: "CPU:1 [LOST 17 EVENTS]", "CPU:1 [EVENTS DROPPED]" (0:
/// it does not say), or perf's record. Nothing when the line says no such thing.
std::optional<std::uint64_t> lost_events(std::string_view line);

/// How many events were overwritten before the buffer was read, from the head of the file `trace`:
/// "# entries-in-buffer/entries-written: 100/120   #P:4". Nothing from other lines.
std::optional<std::uint64_t> overwritten_events(std::string_view line);

/// The value of `key=` in the details: up to the next blank.
std::optional<std::string_view> detail(std::string_view details, std::string_view key);

/// A frame number as the kernels print it: "0x1fe53", or decimal before Linux 5.15.
std::optional<std::uint64_t> parse_frame(std::string_view text);

}  // namespace numasim::ftrace
