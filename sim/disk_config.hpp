#pragma once
// Block devices and swap areas as a scenario writes them, with defaults, ranges and help.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "allocator/config.hpp"
#include "allocator/units.hpp"

namespace numasim {

using namespace std::chrono_literals;

/// Where the tables of rates allow no more.
inline constexpr std::int64_t kMostBytesPerSecond = 1'000'000'000'000;

/// Something that goes wrong with a device for a time.
struct DiskFault {
  enum class Kind : std::uint8_t { slow, stuck, failing_writes };
  SimDuration from{0};
  std::optional<SimDuration> until{};  // absent: for good
  Kind kind = Kind::slow;
  int factor = 10;  // of slow
};

template <>
struct EnumNames<DiskFault::Kind> {
  static constexpr std::pair<std::string_view, DiskFault::Kind> values[] = {
      {"slow", DiskFault::Kind::slow},
      {"stuck", DiskFault::Kind::stuck},
      {"failing_writes", DiskFault::Kind::failing_writes}};
};

/// The I/O scheduler of a request queue.
enum class Elevator : std::uint8_t {
  noop,      // requests in the order they came
  deadline,  // batches of one direction, upwards; none waits for ever
  cfq,       // tasks in turn, with time slices; what nobody waits for together
};
template <>
struct EnumNames<Elevator> {
  static constexpr std::pair<std::string_view, Elevator> values[] = {
      {"noop", Elevator::noop}, {"deadline", Elevator::deadline}, {"cfq", Elevator::cfq}};
};

/// A block device: request queue and media.
struct DiskConfig {
  std::string name = "sda";
  int nr_requests = 128;
  std::int64_t bandwidth_bytes_per_second = 60'000'000;
  SimDuration overhead = 100us;  // of each request
  SimDuration seek = 4ms;        // when a request does not continue the one before it
  SimDuration completion = 5us;  // CPU time of the interrupt that ends a request ...
  SimDuration completion_per_page = 400ns;  // ... and of each of its pages
  Elevator elevator = Elevator::cfq;
  int max_sectors = 1024;
  SimDuration queue_lock_hold = 300ns;  // for each block I/O that is handed in
  std::vector<DiskFault> faults{};
};

/// A place to swap to: a stretch of a disk, with its header in the first page.
struct SwapConfig {
  std::string disk = "sda";
  Bytes first{std::uint64_t{1} << 48};  // behind all files
  Bytes size{std::uint64_t{256} << 20};
  std::optional<int> priority;
};

template <>
struct Schema<DiskFault> {
  static constexpr std::string_view help = "what goes wrong with a device for a time";
  static constexpr SimDuration kLatest{24h * 365};
  static constexpr auto fields = std::tuple{
      field("from_ns", &DiskFault::from, 0ns, kLatest, "date at which it begins"),
      field("until_ns", &DiskFault::until, 0ns, kLatest, "date at which it is over; absent: never"),
      field("kind", &DiskFault::kind,
            "slow: requests begun meanwhile take longer; stuck: none is begun; failing_writes: "
            "writes that end meanwhile end with an error; file data are lost"),
      field("factor", &DiskFault::factor, 1, 1'000'000,
            "slow: how many times as long a request takes"),
  };
};

template <>
struct Schema<DiskConfig> {
  static constexpr std::string_view help = "a block device: its request queue and its medium";
  static constexpr auto fields = std::tuple{
      field("name", &DiskConfig::name, "name, unlike that of every other disk"),
      field("nr_requests", &DiskConfig::nr_requests, 4, 65536,
            "requests of each direction that the queue holds (queue/nr_requests)"),
      field("bandwidth_bytes_per_second", &DiskConfig::bandwidth_bytes_per_second,
            std::int64_t{1000}, kMostBytesPerSecond, "speed of the medium"),
      field("overhead_ns", &DiskConfig::overhead, 0ns, SimDuration{10s}, "cost of each request"),
      field("seek_ns", &DiskConfig::seek, 0ns, SimDuration{10s},
            "added to a request that does not continue the one before it"),
      field("completion_ns", &DiskConfig::completion, 0ns, SimDuration{1s},
            "CPU time of the interrupt at the end of a request"),
      field("completion_per_page_ns", &DiskConfig::completion_per_page, 0ns, SimDuration{1s},
            "CPU time of that interrupt for each page, with copying where the device has no DMA"),
      field("queue_lock_hold_ns", &DiskConfig::queue_lock_hold, 0ns, SimDuration{1ms},
            "how long the lock of the queue is held for each block I/O that is handed in"),
      field("max_sectors", &DiskConfig::max_sectors, 8, 65536,
            "most 512-byte sectors merged into one request"),
      field("faults", &DiskConfig::faults, "what goes wrong with it, and when"),
      field("elevator", &DiskConfig::elevator, "I/O scheduler of the request queue"),
  };
};

template <>
struct Schema<SwapConfig> {
  static constexpr std::string_view help = "a swap area: a stretch of a disk";
  static constexpr Bytes kMost{std::uint64_t{1} << 39};
  static constexpr auto fields = std::tuple{
      field("disk", &SwapConfig::disk, "name of the disk it lies on"),
      field("first_bytes", &SwapConfig::first, Bytes{0}, Bytes{std::uint64_t{1} << 50},
            "where on the disk it begins; a multiple of 4096, by default behind all files"),
      field("size_bytes", &SwapConfig::size, Bytes{2 * kPageBytes}, kMost,
            "its size, with the page its header takes; a multiple of 4096"),
      field("priority", &SwapConfig::priority, -32768, 32767,
            "higher ones are used up first, equal ones in turn; absent: below those before it"),
  };
};

}  // namespace numasim
