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

/// What holds the bytes.
enum class MediumKind : std::uint8_t { plain, hdd, sata_ssd, nvme };
template <>
struct EnumNames<MediumKind> {
  static constexpr std::pair<std::string_view, MediumKind> values[] = {
      {"plain", MediumKind::plain},
      {"hdd", MediumKind::hdd},
      {"sata_ssd", MediumKind::sata_ssd},
      {"nvme", MediumKind::nvme}};
};

/// A disk with platters and one arm: a drive of 500 GB at 7200 rpm, from data sheets.
struct HddConfig {
  Bytes capacity{500'000'000'000};
  int revolutions_per_minute = 7200;
  SimDuration track_seek = 800us;     // to the next track
  SimDuration average_seek = 8200us;  // between two places chosen at random
  SimDuration full_seek = 20ms;       // from edge to edge
  std::int64_t outer_bytes_per_second = 64'800'000;
  std::int64_t inner_bytes_per_second = 31'000'000;
};

/// A solid state disk. What is absent is that of its kind (flash_of).
struct FlashConfig {
  std::optional<int> parallel;              // requests served at once
  std::optional<SimDuration> read_latency;  // of a request of 4 KiB, alone
  std::optional<SimDuration> write_latency;
  std::optional<std::int64_t> bytes_per_second;  // through its interface
};

/// A block device: request queue and media.
struct DiskConfig {
  std::string name = "sda";
  int nr_requests = 128;
  std::int64_t bandwidth_bytes_per_second = 60'000'000;
  SimDuration overhead = 100us;             // of each request
  SimDuration seek = 4ms;                   // when a request does not continue the one before it
  SimDuration completion = 5us;             // CPU time of the interrupt that ends a request ...
  SimDuration completion_per_page = 400ns;  // ... and of each of its pages
  Elevator elevator = Elevator::cfq;
  int max_sectors = 1024;
  SimDuration queue_lock_hold = 300ns;  // for each block I/O that is handed in
  std::vector<DiskFault> faults{};
  MediumKind medium = MediumKind::plain;
  std::optional<int> queue_depth{};  // requests the device holds; absent: as its medium does
  HddConfig hdd{};
  FlashConfig flash{};
  int node = 0;  // whose I/O bus it is on
};

/// A disk made of others: chunks of its addresses go to them in turn.
struct Raid0Config {
  std::string name;
  std::vector<std::string> disks;
  Bytes chunk{std::uint64_t{64} << 10};
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
struct Schema<HddConfig> {
  static constexpr std::string_view help = "a medium with platters and one arm";
  static constexpr auto fields = std::tuple{
      field("capacity_bytes", &HddConfig::capacity, Bytes{std::uint64_t{1} << 30},
            Bytes{std::uint64_t{1} << 50}, "its size; addresses beyond it begin at 0 again"),
      field("revolutions_per_minute", &HddConfig::revolutions_per_minute, 60, 60'000,
            "speed of the platters"),
      field("track_seek_ns", &HddConfig::track_seek, 0ns, SimDuration{1s},
            "time of the arm to the next track"),
      field("average_seek_ns", &HddConfig::average_seek, 0ns, SimDuration{1s},
            "between two places chosen at random"),
      field("full_seek_ns", &HddConfig::full_seek, 0ns, SimDuration{1s}, "from edge to edge"),
      field("outer_bytes_per_second", &HddConfig::outer_bytes_per_second, std::int64_t{1000},
            kMostBytesPerSecond, "rate at the outer edge, where addresses begin"),
      field("inner_bytes_per_second", &HddConfig::inner_bytes_per_second, std::int64_t{1000},
            kMostBytesPerSecond, "rate at the inner edge"),
  };
};

template <>
struct Schema<FlashConfig> {
  static constexpr std::string_view help = "a solid state medium; absent: as disks of its kind";
  static constexpr auto fields = std::tuple{
      field("parallel", &FlashConfig::parallel, 1, 1024,
            "requests served at once; absent: 7 of sata_ssd, 13 of nvme"),
      field("read_latency_ns", &FlashConfig::read_latency, 0ns, SimDuration{1s},
            "of a read of 4 KiB, alone; absent: 152 us of sata_ssd, 72 us of nvme"),
      field("write_latency_ns", &FlashConfig::write_latency, 0ns, SimDuration{1s},
            "of a write of 4 KiB, alone; absent: 30 us of sata_ssd, 24 us of nvme"),
      field("bytes_per_second", &FlashConfig::bytes_per_second, std::int64_t{1000},
            kMostBytesPerSecond,
            "what all requests share; absent: 500 MB/s of sata_ssd, 800 MB/s of nvme"),
  };
};

template <>
struct Schema<Raid0Config> {
  static constexpr std::string_view help = "a RAID-0: a disk whose chunks lie on others in turn";
  static constexpr auto fields = std::tuple{
      field("name", &Raid0Config::name, "name, unlike that of every disk"),
      field("disks", &Raid0Config::disks, "names of its disks, two at least"),
      field("chunk_bytes", &Raid0Config::chunk, Bytes{4096}, Bytes{std::uint64_t{1} << 30},
            "what lies on one disk before the next one's turn; a multiple of 4096"),
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
            std::int64_t{1000}, kMostBytesPerSecond, "plain: speed of the medium"),
      field("overhead_ns", &DiskConfig::overhead, 0ns, SimDuration{10s},
            "plain: cost of each request"),
      field("seek_ns", &DiskConfig::seek, 0ns, SimDuration{10s},
            "plain: added to a request that does not continue the one before it"),
      field("completion_ns", &DiskConfig::completion, 0ns, SimDuration{1s},
            "CPU time of the interrupt at the end of a request"),
      field("completion_per_page_ns", &DiskConfig::completion_per_page, 0ns, SimDuration{1s},
            "CPU time of that interrupt for each page, with copying where the device has no DMA"),
      field("queue_lock_hold_ns", &DiskConfig::queue_lock_hold, 0ns, SimDuration{1ms},
            "how long the lock of the queue is held for each block I/O that is handed in"),
      field("max_sectors", &DiskConfig::max_sectors, 8, 65536,
            "most 512-byte sectors merged into one request"),
      field("node", &DiskConfig::node, 0, 63,
            "NUMA node whose I/O bus it is on: its transfers go from there to the pages' memory"),
      field("faults", &DiskConfig::faults, "what goes wrong with it, and when"),
      field("elevator", &DiskConfig::elevator,
            "I/O scheduler of the request queue. noop: requests as they came; deadline: in batches "
            "of one direction, none waits for ever; cfq: tasks in turn, in time slices"),
      field("medium", &DiskConfig::medium,
            "plain: by overhead_ns, seek_ns and bandwidth_bytes_per_second; hdd: by hdd; sata_ssd "
            "and nvme: by flash"),
      field("queue_depth", &DiskConfig::queue_depth, 1, 1024,
            "requests the device holds at once (NCQ); absent: 1, of sata_ssd and nvme 32"),
      field("hdd", &DiskConfig::hdd, "of the medium hdd"),
      field("flash", &DiskConfig::flash, "of the media sata_ssd and nvme"),
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
