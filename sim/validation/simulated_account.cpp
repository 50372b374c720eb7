#include "sim/validation/simulated_account.hpp"

#include <numeric>
#include <variant>

#include "allocator/check.hpp"
#include "workloads/kernel2624/stream.hpp"

namespace numasim::validation {
namespace {

constexpr std::int64_t kSectorBytes = 512;
constexpr std::int64_t kRecorderStopped = 4;  // the last mark

int code_of(ZoneId zone) { return kernel2624::ZoneCode::of(zone.node, zone.type).value; }

std::int64_t sum_of(const std::array<std::int64_t, kZoneTypes>& by_zone) {
  return std::accumulate(by_zone.begin(), by_zone.end(), std::int64_t{0});
}

}  // namespace

AccountKeeper::AccountKeeper(SimMachine& machine, Kernel& kernel, Observer* next)
    : machine_(machine), kernel_(kernel), next_(next) {
  for (const Zone* zone : kernel.memory().zones())
    account_.zone_pages[code_of(zone->id())] = zone->present().value;
}

void AccountKeeper::begin() {
  Account begun;
  begun.zone_pages = account_.zone_pages;
  begun.numa = account_.numa;
  account_ = std::move(begun);
  origin_ = machine_.now();
  counters_at_start_ = counters();
  look();
}

void AccountKeeper::on(const Task& by, const Event& event) {
  std::visit([&](const auto& happening) { hear(by, happening); }, event);
  if (next_) next_->on(by, event);
}

const Zone& AccountKeeper::zone_of(ZoneId id) const {
  return kernel_.memory().node(id.node).zone(id.type);
}

std::map<std::string, std::int64_t> AccountKeeper::counters() const {
  Memory& memory = kernel_.memory();
  const VmEvents& events = memory.events();
  return {{"allocstall", events.allocstall},
          {"pageoutrun", events.pageoutrun},
          {"kswapd_steal", events.kswapd_steal},
          {"pgsteal", sum_of(events.pgsteal)},
          {"pgscan_kswapd", sum_of(events.pgscan_kswapd)},
          {"pgscan_direct", sum_of(events.pgscan_direct)},
          {"pgrefill", sum_of(events.pgrefill)},
          {"pgrotated", events.pgrotated},
          {"pgactivate", events.pgactivate},
          {"pgdeactivate", events.pgdeactivate},
          {"pgfault", events.pgfault},
          {"pgpgin", events.pgpgin},
          {"pgpgout", events.pgpgout},
          {"pswpin", events.pswpin},
          {"pswpout", events.pswpout},
          {"numa_hit", memory.global(ZoneStat::numa_hit)},
          {"numa_miss", memory.global(ZoneStat::numa_miss)},
          {"numa_foreign", memory.global(ZoneStat::numa_foreign)},
          {"numa_local", memory.global(ZoneStat::numa_local)},
          {"numa_other", memory.global(ZoneStat::numa_other)},
          {"numa_interleave", memory.global(ZoneStat::numa_interleave_hit)}};
}

void AccountKeeper::look() {
  for (const Zone* zone : kernel_.memory().zones()) {
    const auto pages = [&](ZoneStat item) { return zone->counters.read(item); };
    account_.looks.push_back({.date = now(),
                              .zone = code_of(zone->id()),
                              .free = pages(ZoneStat::free_pages),
                              .inactive = pages(ZoneStat::inactive),
                              .active = pages(ZoneStat::active),
                              .anon = pages(ZoneStat::anon_pages),
                              .dirty = pages(ZoneStat::file_dirty),
                              .writeback = pages(ZoneStat::writeback),
                              .file = pages(ZoneStat::file_pages)});
  }
  for (std::uint16_t disk = 0; disk < machine_.devices(); ++disk)
    account_.device_looks.push_back({now(), disk, kernel_.share_of_completions(DeviceId{disk})});
}

void AccountKeeper::look_at_nodes(const std::string& point) {
  constexpr std::pair<const char*, ZoneStat> kCounters[] = {
      {"numa_hit", ZoneStat::numa_hit},         {"numa_miss", ZoneStat::numa_miss},
      {"numa_foreign", ZoneStat::numa_foreign}, {"interleave_hit", ZoneStat::numa_interleave_hit},
      {"local_node", ZoneStat::numa_local},     {"other_node", ZoneStat::numa_other}};
  NumaCounters& counters = account_.numa[point];
  for (const Zone* zone : kernel_.memory().zones())
    for (const auto& [name, item] : kCounters)
      counters[zone->id().node.value][name] += zone->counters.read(item);
}

void AccountKeeper::look_at_touched(const Task& task) {
  ByNode pages;
  for (const auto& [name, region] : task.mm->regions) {
    if (!name.starts_with("touched")) continue;
    region.pages.for_each([&](PageIndex, const Pte& pte) {
      if (pte.present()) ++pages[kernel_.memory().zone_of(pte.pfn()).id().node.value];
    });
  }
  account_.touched.push_back(std::move(pages));
}

void AccountKeeper::begin_request(const Task& task, Gfp gfp, Order order) {
  requests_[task.id] = {.gfp = gfp.value, .order = order.value, .memalloc = task.memalloc};
}

void AccountKeeper::end_request(const Task& task, Answer answer, Compared compared) {
  const auto found = requests_.find(task.id);
  found->second.served = answer == Answer::served;
  ++(answer == Answer::served ? account_.hook_served : account_.hook_failed);
  account_.hook_answers.push_back(answer == Answer::served);
  if (compared == Compared::yes) account_.slow_requests.push_back(found->second);
  requests_.erase(found);
}

SlowRequest* AccountKeeper::request_of(const Task& task) {
  const auto found = requests_.find(task.id);
  return found == requests_.end() ? nullptr : &found->second;
}

void AccountKeeper::mark(std::int64_t number) {
  account_.marks.emplace(number, now());
  look();
}

/// The slow path is entered when the first pass has found nothing.
void AccountKeeper::hear(const Task& by, const event::PassBegin&) {
  if (++passes_[by.id] == 2) ++account_.slow_path;
}

void AccountKeeper::hear(const Task& by, const event::AllocFailed&) { passes_.erase(by.id); }

void AccountKeeper::hear(const Task& by, const event::Allocated& e) {
  passes_.erase(by.id);
  if (!account_.marks.contains(kRecorderStopped)) ++account_.allocated[code_of(e.zone)];
}

void AccountKeeper::hear(const Task&, const event::KswapdWake& e) {
  if (!e.was_asleep) return;
  const Zone& zone = zone_of(e.zone);
  turns_[e.zone.node] = {.node = e.zone.node,
                         .woke = now(),
                         .zone = code_of(e.zone),
                         .free_at_wake = zone.counters.read(ZoneStat::free_pages)};
}

void AccountKeeper::hear(const Task& by, const event::ZoneShrunk& e) {
  if (by.is_kswapd)
    last_free_[code_of(e.zone)] = zone_of(e.zone).counters.read(ZoneStat::free_pages);
}

/// kswapd sleeps now, unless it was asked for a larger block meanwhile.
void AccountKeeper::hear(const Task&, const event::KswapdEnd& e) {
  const auto turn = turns_.find(e.node);
  if (turn == turns_.end() || e.order < kernel_.memory().node(e.node).kswapd_max_order) return;
  turn->second.slept = now();
  turn->second.free_at_sleep = last_free_[turn->second.zone];
  account_.kswapd_turns.push_back(turn->second);
  turns_.erase(turn);
}

void AccountKeeper::hear(const Task& by, const event::DirectReclaimBegin&) {
  reclaim_begun_[by.id] = now();
  if (SlowRequest* request = request_of(by)) ++request->rounds;
}

void AccountKeeper::hear(const Task& by, const event::DirectReclaimEnd& e) {
  account_.reclaims.push_back({reclaim_begun_[by.id], now(), e.progress});
}

void AccountKeeper::hear(const Task& by, const event::CongestionWaitBegin& e) {
  naps_[by.id] = {.begin = now(), .timeout_jiffies = e.timeout.value};
}

void AccountKeeper::hear(const Task& by, const event::CongestionWaitEnd& e) {
  Nap& nap = naps_[by.id];
  nap.end = now();
  nap.timed_out = e.timed_out;
  account_.naps.push_back(nap);
  constexpr std::int64_t kLongest = 5;  // jiffies of the short wait
  if (SlowRequest* request = request_of(by))
    ++(nap.timeout_jiffies > kLongest ? request->long_naps : request->short_naps);
}

void AccountKeeper::hear(const Task&, const event::OutOfMemory& e) {
  account_.out_of_memory.push_back(static_cast<std::int64_t>(e.constraint));
}

void AccountKeeper::hear(const Task&, const event::OomKill& e) {
  account_.kills.push_back({now(), programs_[e.victim]});
}

void AccountKeeper::hear(const Task&, const event::CongestionSet& e) {
  if (e.direction == IoDirection::write) ++account_.congested;
}

void AccountKeeper::count_devices() {
  account_.devices.clear();
  for (std::uint16_t i = 0; i < machine_.devices(); ++i) {
    const BlockTotals totals = machine_.device(DeviceId{i}).totals();
    const auto sectors = [&](IoDirection direction) {
      return static_cast<std::int64_t>(totals.bytes[index(direction)].value) / kSectorBytes;
    };
    account_.devices.push_back({.write_requests = totals.requests[index(IoDirection::write)],
                                .read_requests = totals.requests[index(IoDirection::read)],
                                .write_sectors = sectors(IoDirection::write),
                                .read_sectors = sectors(IoDirection::read)});
  }
}

Account AccountKeeper::finish() {
  look_at_nodes("end");
  count_devices();
  for (const auto& [name, value] : counters())
    account_.vmstat[name] = value - counters_at_start_.at(name);
  return account_;
}

}  // namespace numasim::validation
