// The account of a recording: its summary, its samples and its events.

#include <array>
#include <cstdio>
#include <sstream>
#include <string_view>

#include "sim/validation/recording.hpp"
#include "workloads/kernel2624/stream.hpp"
#include "workloads/tsv_rows.hpp"

namespace numasim::validation {
namespace {

/// Takes the events in order and puts together what begins in one row and ends in another.
class EventReader {
 public:
  explicit EventReader(Account& account) : account_(account) {}

  void read(const TsvRows& row) {
    const std::string_view type = row.text(5);
    if (type == "MARK") {
      read_mark(row);
    } else if (type == "WAKE" && row.number(10) == 1) {
      woken_[row.number(6)] = {.node = NodeId{static_cast<std::uint16_t>(row.number(6))},
                               .woke = date(row),
                               .zone = static_cast<int>(row.number(8)),
                               .free_at_wake = row.number(9)};
    } else if (type == "KZONE") {
      last_free_[row.number(6)] = row.number(10);
    } else if (type == "KSLEEP") {
      read_sleep(row);
    } else if (type == "OOM") {
      account_.out_of_memory.push_back(row.number(8));
    } else if (type == "OOMKILL") {
      account_.kills.push_back({date(row), program_of(row.number(6))});
    } else if (type == "CONGSET" && row.number(6) == 1) {
      ++account_.congested;
    } else {
      read_interval(type, row);
      if (type == "BDIS") read_share(row);
    }
  }

 private:
  static SimTime date(const TsvRows& row) { return SimTime{SimDuration{row.number(1)}}; }

  /// A task is known by the first mark it sets: the one of the program it runs.
  void read_mark(const TsvRows& row) {
    constexpr std::int64_t kMemoryPressure = 800'000;
    const std::int64_t mark = row.number(6);
    if (mark >= kMemoryPressure) account_.memory_pressure.push_back(mark - kMemoryPressure);
    account_.marks.emplace(mark, date(row));
    program_.emplace(row.number(4), mark);
  }

  std::int64_t program_of(std::int64_t pid) const {
    const auto found = program_.find(pid);
    return found == program_.end() ? 0 : found->second;
  }

  void read_sleep(const TsvRows& row) {
    const auto turn = woken_.find(row.number(6));
    if (turn == woken_.end()) return;  // its waking is not in the recording
    turn->second.slept = date(row);
    turn->second.free_at_sleep = last_free_[turn->second.zone];
    account_.kswapd_turns.push_back(turn->second);
    woken_.erase(turn);
  }

  void read_interval(std::string_view type, const TsvRows& row) {
    const std::int64_t pid = row.number(4);
    if (type == "DRBEG") {
      reclaim_begun_[pid] = date(row);
    } else if (type == "DREND") {
      account_.reclaims.push_back({reclaim_begun_[pid], date(row), row.number(8) != 0});
    } else if (type == "CWBEG") {
      nap_begun_[pid] = date(row);
    } else if (type == "CWEND") {
      account_.naps.push_back({nap_begun_[pid], date(row), row.number(7), row.number(8) == 0});
    } else if (type == "RQDONE") {
      read_request(row);
    }
  }

  void read_share(const TsvRows& row) {
    const auto all = static_cast<double>(row.number(9));
    account_.device_looks.push_back({date(row), static_cast<std::size_t>(row.number(6)),
                                     all > 0 ? static_cast<double>(row.number(8)) / all : 0});
  }

  void read_request(const TsvRows& row) {
    const auto disk = static_cast<std::size_t>(row.number(6));
    if (account_.devices.size() <= disk) account_.devices.resize(disk + 1);
    DeviceWork& work = account_.devices[disk];
    const bool writes = row.number(7) == 1;
    ++(writes ? work.write_requests : work.read_requests);
    (writes ? work.write_sectors : work.read_sectors) += row.number(9);
  }

  Account& account_;
  std::map<std::int64_t, std::int64_t> program_;               // by pid
  std::map<std::int64_t, KswapdTurn> woken_;                   // by node
  std::map<int, std::int64_t> last_free_;                      // by zone code
  std::map<std::int64_t, SimTime> reclaim_begun_, nap_begun_;  // by pid
};

void read_samples(const std::filesystem::path& file, Account& account) {
  TsvRows rows(file);
  while (rows.next()) {
    // Milliseconds with three decimals.
    const std::string ms(rows.text(0));
    const auto micros = static_cast<std::int64_t>(std::stod(ms) * 1000 + 0.5);
    account.looks.push_back({.date = SimTime{std::chrono::microseconds{micros}},
                             .zone = static_cast<int>(rows.number(1)),
                             .free = rows.number(2),
                             .inactive = rows.number(3),
                             .active = rows.number(4),
                             .anon = rows.number(5),
                             .dirty = rows.number(6),
                             .writeback = rows.number(7),
                             .file = rows.number(9)});
  }
}

/// "numa_hit 526" and so on.
void read_numastat(const ShownFile& file, int node, Account& account) {
  const std::string point = file.point.empty() ? "begin" : file.point;
  for (const std::string& line : file.lines) {
    std::array<char, 32> name{};
    long long value = 0;
    if (std::sscanf(line.c_str(), "%31s %lld", name.data(), &value) == 2)
      account.numa[point][node][name.data()] = value;
  }
}

/// The mapping with most anonymous pages: "... anon=3001 ... N0=1500 N1=1501".
void read_numa_maps(const ShownFile& file, Account& account) {
  ByNode most;
  std::int64_t most_pages = 0;
  for (const std::string& line : file.lines) {
    ByNode pages;
    std::int64_t anon = 0;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      int node = 0;
      long long count = 0;
      if (std::sscanf(word.c_str(), "N%d=%lld", &node, &count) == 2) pages[node] = count;
      if (std::sscanf(word.c_str(), "anon=%lld", &count) == 1) anon = count;
    }
    if (anon <= most_pages) continue;
    most_pages = anon;
    most = std::move(pages);
  }
  account.touched.push_back(std::move(most));
}

void read_shown(const Recording& recording, Account& account) {
  for (const ShownFile& file : recording.shown) {
    int node = 0;
    if (file.path == "/proc/self/numa_maps") read_numa_maps(file, account);
    if (file.path.ends_with("/numastat") &&
        std::sscanf(file.path.c_str(), "/sys/devices/system/node/node%d/", &node) == 1)
      read_numastat(file, node, account);
  }
}

/// Requests whose ids mark them as the ones that were to block; all, where the workload is nothing
/// but such requests.
void read_slow_requests(const Recording& recording, Account& account) {
  constexpr std::int64_t kFirstBlockingId = 100'000;
  const std::filesystem::path file = recording.folder / "slowops.tsv.gz";
  if (!std::filesystem::exists(file)) return;
  const bool all = recording.parameters.scenario() != "nofail";
  TsvRows rows(file);
  while (rows.next()) {
    if (rows.text(0).starts_with("ns")) continue;
    if (!all && rows.number(3) < kFirstBlockingId) continue;
    const std::string_view pfn = rows.text(7);
    if (pfn == "UNFINISHED") continue;
    account.slow_requests.push_back({.gfp = static_cast<std::uint32_t>(rows.number(4)),
                                     .order = static_cast<int>(rows.number(5)),
                                     .memalloc = rows.text(2) == "A",
                                     .served = pfn != "-1",
                                     .rounds = rows.number(10),
                                     .long_naps = rows.number(13),
                                     .short_naps = rows.number(16)});
  }
}

void read_hook_requests(const Recording& recording, Account& account) {
  const std::filesystem::path file = recording.folder / "ops.tsv.gz";
  if (!std::filesystem::exists(file)) return;
  TsvRows rows(file);
  while (rows.next()) {
    if (rows.text(3) == "f") continue;
    const bool served = rows.number(8) >= 0;
    ++(served ? account.hook_served : account.hook_failed);
    account.hook_answers.push_back(served);
  }
}

/// The constraint codes of 2.6.22 are others.
void use_codes_of_2_6_24(Account& account) {
  constexpr std::int64_t kCpuset = 1, kPolicy = 2;
  for (std::int64_t& constraint : account.out_of_memory)
    constraint = constraint == 3 ? kCpuset : constraint == 2 ? kPolicy : 0;
}

}  // namespace

Account read_account(const Recording& recording) {
  Account account;
  for (const auto& [name, change] : recording.summary.at("vmstat_delta").items())
    account.vmstat[name] = change.get<std::int64_t>();
  for (const auto& [zone, count] : recording.summary.at("alloc_by_zone").items())
    account.allocated[std::stoi(zone)] = count.get<std::int64_t>();
  for (const ZoneState& zone : recording.dump.state.zones) {
    account.zone_pages[kernel2624::ZoneCode::of(zone.node, zone.type).value] = zone.present.value;
  }
  TsvRows rows(recording.folder / "events.tsv.gz");
  EventReader events(account);
  while (rows.next()) events.read(rows);
  if (recording.console.kernel_version.starts_with("2.6.22")) use_codes_of_2_6_24(account);
  read_samples(recording.folder / "samples.tsv.gz", account);
  read_shown(recording, account);
  read_slow_requests(recording, account);
  read_hook_requests(recording, account);
  if (const auto found = recording.summary.find("slowpath"); found != recording.summary.end())
    account.slow_path = found->value("n", std::int64_t{0});
  return account;
}

}  // namespace numasim::validation
