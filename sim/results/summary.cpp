#include "sim/results/summary.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace numasim::results {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;
constexpr std::size_t kNameColumns = 48;
constexpr std::size_t kValueColumns = 16;

/// Collects numbers below one place of the summary.
class Place {
 public:
  Place(std::vector<Stat>& stats, std::vector<std::string> path)
      : stats_(stats), path_(std::move(path)) {}

  void add(std::string name, std::int64_t value, std::string what) const {
    std::vector<std::string> path = path_;
    path.push_back(std::move(name));
    stats_.push_back({std::move(path), value, std::move(what)});
  }

  Place within(std::string name) const {
    std::vector<std::string> path = path_;
    path.push_back(std::move(name));
    return {stats_, std::move(path)};
  }

 private:
  std::vector<Stat>& stats_;
  std::vector<std::string> path_;
};

template <class Number>
std::int64_t sum_over_zones(const EventTotals& events, Number ZoneTotals::*counter) {
  std::int64_t sum = 0;
  for (const ZoneTotals& zone : events.zones) {
    if constexpr (std::is_same_v<Number, PageCount>)
      sum += (zone.*counter).value;
    else
      sum += zone.*counter;
  }
  return sum;
}

void add_requests(const Place& top, const EventTotals& events) {
  const Place requests = top.within("requests");
  requests.add("total", events.requests, "requests for pages begun");
  requests.add("served_in_first_pass", events.served_in_first_pass,
               "served by the first pass over the zonelist");
  requests.add("served_in_later_pass", events.served_in_later_pass,
               "served after kswapd was woken, after reclaim, or from the reserves");
  requests.add("failed", events.failed, "answered with no page");
  requests.add("unfinished", events.unfinished, "still without an answer at the end of the run");
  requests.add("failure_warnings", events.failure_warnings,
               "failures the kernel would have printed a warning for");
  requests.add("injected_failures", events.injected_failures,
               "failed by fault injection before they were tried; not in the total");
  for (unsigned order = 0; order < kMaxOrder; ++order)
    requests.within("served_by_order")
        .add(std::to_string(order), events.served_by_order[order],
             "requests served for 2^" + std::to_string(order) + " pages");

  const Place pages = top.within("pages");
  pages.add("served", sum_over_zones(events, &ZoneTotals::pages_served), "pages handed out");
  pages.add("freed", sum_over_zones(events, &ZoneTotals::pages_freed), "pages given back");

  const Place numa = top.within("numa");
  numa.add("hit", sum_over_zones(events, &ZoneTotals::numa_hit), "numa_hit of all zones");
  numa.add("miss", sum_over_zones(events, &ZoneTotals::numa_miss), "numa_miss of all zones");
  numa.add("foreign", sum_over_zones(events, &ZoneTotals::numa_foreign),
           "numa_foreign of all zones");
  numa.add("local", sum_over_zones(events, &ZoneTotals::numa_local), "numa_local of all zones");
  numa.add("other", sum_over_zones(events, &ZoneTotals::numa_other), "numa_other of all zones");
}

void add_wait(const Place& waits, const std::string& name, const Histogram& ns,
              const std::string& what) {
  const Place wait = waits.within(name);
  wait.add("count", ns.count(), what);
  wait.add("total_ns", ns.sum(), "their sum");
  wait.add("p50_ns", ns.quantile(500), "half of them took no longer (within 1/256)");
  wait.add("p99_ns", ns.quantile(990), "99 of 100 took no longer (within 1/256)");
  wait.add("max_ns", ns.max(), "the longest");
}

void add_waits(const Place& top, const EventTotals& events) {
  const Place waits = top.within("waits");
  add_wait(waits, "request", events.request_wait_ns(), "waits of a request for its answer");
  add_wait(waits, "direct_reclaim", events.direct_reclaim_ns,
           "direct reclaims, the congestion waits inside included");
  add_wait(waits, "congestion_wait", events.congestion_wait_ns,
           "congestion waits of tasks and daemons");
  add_wait(waits, "oom_wait", events.oom_wait_ns, "sleeps after a lost OOM lock or an OOM kill");
}

void add_reclaim(const Place& top, const EventTotals& events) {
  KswapdTotals kswapd;
  for (const KswapdTotals& node : events.kswapd) {
    kswapd.wakeups += node.wakeups;
    kswapd.runs += node.runs;
    kswapd.awake += node.awake;
    kswapd.reclaimed += node.reclaimed;
  }
  const Place daemon = top.within("kswapd");
  daemon.add("wakeups", kswapd.wakeups, "times a sleeping kswapd was woken");
  daemon.add("runs", kswapd.runs, "balancing runs of kswapd");
  daemon.add("awake_ns", to_ns(kswapd.awake), "time in balancing runs, all nodes");
  daemon.add("reclaimed_pages", kswapd.reclaimed.value, "pages freed by kswapd");

  const Place direct = top.within("direct_reclaim");
  direct.add("reclaimed_pages", events.direct_reclaimed.value, "pages tasks freed themselves");
  direct.add("without_progress", events.direct_reclaims_without_progress,
             "direct reclaims after which only the OOM killer is left");
  direct.add("pageset_drains", events.drains_of_all_pagesets,
             "times all pagesets were emptied after it");
  top.add("zone_reclaims", events.zone_reclaims, "zone_reclaim() attempts");

  const Place congestion = top.within("congestion_wait");
  congestion.add("woken", events.congestion_waits_woken, "ended by a device no longer congested");
  congestion.add("timed_out", events.congestion_waits_timed_out, "ended by their timeout");

  const Place writeback = top.within("writeback");
  writeback.add("pdflush_wakeups", events.pdflush_wakeups, "times reclaim woke pdflush");
  writeback.add("reclaim_written_pages", events.pages_put_to_writing,
                "pages reclaim started to write");
  writeback.add("lost_pages", events.pages_lost.value,
                "pages whose write failed; they count as clean");

  const Place oom = top.within("oom");
  oom.add("invocations", events.out_of_memory, "times the OOM killer was called");
  oom.add("kills", static_cast<std::int64_t>(events.oom_kills.size()), "tasks killed");
  oom.add("locks_lost", events.oom_locks_lost, "times another task held a zone's OOM lock");
}

void add_zone(const Place& zones, const ZoneOutline& outline, const ZoneTotals& totals,
              const std::vector<ZoneSample>& at_end) {
  const Place zone = zones.within(std::string(to_string(outline.zone.type)));
  zone.add("requests_served", totals.requests_served, "requests served from this zone");
  zone.add("served_pages", totals.pages_served.value, "pages handed out from it");
  zone.add("freed_pages", totals.pages_freed.value, "pages given back to it");
  zone.add("numa_hit", totals.numa_hit, "served here as preferred");
  zone.add("numa_miss", totals.numa_miss, "served here though another node was preferred");
  zone.add("numa_foreign", totals.numa_foreign, "preferred here, served by another node");
  zone.add("numa_local", totals.numa_local, "served here to a CPU of this node");
  zone.add("numa_other", totals.numa_other, "served here to a CPU of another node");
  zone.add("refilled_pages", totals.pages_refilled.value, "pages moved to pagesets");
  zone.add("drained_pages", totals.pages_drained.value, "pages moved back from pagesets");
  zone.add("fallbacks", totals.fallbacks, "blocks taken from another migratetype");
  zone.add("scanned_pages", totals.pages_scanned.value, "pages reclaim looked at");
  zone.add("reclaimed_pages", totals.pages_reclaimed.value, "pages reclaim freed");
  const auto end = std::ranges::find(at_end, outline.zone, &ZoneSample::zone);
  if (end == at_end.end()) return;
  zone.add("free_pages_at_end", end->free.value, "in the buddy lists at the end of the run");
  zone.add("pageset_pages_at_end", end->pageset.value, "on per-CPU lists at the end");
  zone.add("active_pages_at_end", end->active.value, "on the active list at the end");
  zone.add("inactive_pages_at_end", end->inactive.value, "on the inactive list at the end");
}

void add_nodes(const Place& top, const RunSummary& summary) {
  const EventTotals& events = summary.events;
  for (std::size_t node = 0; node < events.kswapd.size(); ++node) {
    const Place place = top.within("nodes").within(std::to_string(node));
    const Place kswapd = place.within("kswapd");
    kswapd.add("wakeups", events.kswapd[node].wakeups, "times it was woken from sleep");
    kswapd.add("runs", events.kswapd[node].runs, "balancing runs");
    kswapd.add("awake_ns", to_ns(events.kswapd[node].awake), "time in balancing runs");
    kswapd.add("reclaimed_pages", events.kswapd[node].reclaimed.value, "pages it freed");
    for (std::size_t i = 0; i < summary.outline.zones.size(); ++i)
      if (summary.outline.zones[i].zone.node.value == node)
        add_zone(place.within("zones"), summary.outline.zones[i], events.zones[i],
                 summary.zones_at_end);
  }
}

void add_devices(const Place& top, const RunSummary& summary) {
  for (std::size_t i = 0; i < summary.outline.devices.size(); ++i) {
    const DeviceOutline& outline = summary.outline.devices[i];
    const Place device = top.within("devices").within(outline.name);
    device.add("nr_requests", outline.nr_requests, "requests its queue holds in each direction");
    device.add("congestion_on_requests", outline.congestion_on_requests,
               "congested at this many requests");
    device.add("congestion_off_requests", outline.congestion_off_requests,
               "no longer congested below this many");
    const auto& [read, write] = summary.events.congestion[i];
    device.add("read_congested_intervals", read.intervals, "times it was congested for reading");
    device.add("read_congested_ns", to_ns(read.congested), "time it was congested for reading");
    device.add("write_congested_intervals", write.intervals, "times it was congested for writing");
    device.add("write_congested_ns", to_ns(write.congested), "time it was congested for writing");
    const auto totals = std::ranges::find(summary.devices, outline.device, &DeviceTotals::device);
    if (totals == summary.devices.end()) continue;
    device.add("read_requests", totals->read_requests, "requests completed");
    device.add("write_requests", totals->write_requests, "requests completed");
    device.add("read_bytes", static_cast<std::int64_t>(totals->read.value), "read");
    device.add("written_bytes", static_cast<std::int64_t>(totals->written.value), "written");
    device.add("failed_write_requests", totals->failed_writes,
               "requests completed with an error");
    device.add("busy_ns", to_ns(totals->busy), "time with a request on the medium");
  }
}

Json oom_kills_json(const EventTotals& events) {
  Json kills = Json::array();
  for (const OomKillRecord& kill : events.oom_kills)
    kills.push_back({{"time_ns", to_ns(kill.date)},
                     {"victim", kill.victim_name},
                     {"victim_id", kill.victim.value},
                     {"for_task", kill.killer_name},
                     {"points", kill.points},
                     {"chosen", kill.chosen_name}});
  return kills;
}

}  // namespace

std::vector<Stat> stats_of(const RunSummary& summary) {
  std::vector<Stat> stats;
  const Place top(stats, {});
  top.add("end_ns", to_ns(summary.end), "simulated time at the end of the run");
  add_requests(top, summary.events);
  add_waits(top, summary.events);
  add_reclaim(top, summary.events);
  add_nodes(top, summary);
  add_devices(top, summary);
  stats.insert(stats.end(), summary.further.begin(), summary.further.end());
  return stats;
}

std::string summary_json(const RunSummary& summary) {
  Json json{{"numasim_summary", kSchemaVersion},
            {"scenario", summary.scenario},
            {"seed", summary.seed},
            {"ended_by", summary.ended_by}};
  if (!summary.panic.empty()) json["panic"] = summary.panic;
  for (const Stat& stat : stats_of(summary)) {
    Json* place = &json;
    for (const std::string& name : stat.path) place = &(*place)[name];
    *place = stat.value;
  }
  json["oom_kills"] = oom_kills_json(summary.events);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string stats_text(const RunSummary& summary) {
  std::string text;
  for (const Stat& stat : stats_of(summary)) {
    std::string name;
    for (const std::string& part : stat.path) (name.empty() ? name : name += '.') += part;
    const std::string value = std::to_string(stat.value);
    name.resize(std::max(name.size() + 1, kNameColumns), ' ');
    text += name;
    text.append(kValueColumns - std::min(kValueColumns, value.size()), ' ');
    text += value + "  # " + stat.what + '\n';
  }
  return text;
}

}  // namespace numasim::results
