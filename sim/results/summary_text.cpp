// The summary for people.

#include <algorithm>
#include <string>
#include <string_view>

#include "sim/results/summary.hpp"

namespace numasim::results {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kZonesShown = 8;
constexpr std::size_t kNodesShown = 3;
constexpr std::size_t kDevicesShown = 2;
constexpr std::size_t kKillsShown = 3;

/// 1482113 as "1,482,113".
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string grouped(PageCount pages) { return grouped(pages.value); }

/// `value` / `unit` with three decimals, rounded down.
std::string thousandths(std::int64_t value, std::int64_t unit) {
  const std::string decimals = std::to_string(value % unit * 1000 / unit);
  return grouped(value / unit) + '.' + std::string(3 - decimals.size(), '0') + decimals;
}

std::string duration(std::int64_t ns) {
  if (ns < 1'000) return std::to_string(ns) + " ns";
  if (ns < 1'000'000) return thousandths(ns, 1'000) + " us";
  if (ns < 1'000'000'000) return thousandths(ns, 1'000'000) + " ms";
  return thousandths(ns, 1'000'000'000) + " s";
}

std::string duration(SimDuration length) { return duration(to_ns(length)); }

/// Share of the run in per cent, rounded to the nearest.
std::string share(SimDuration part, SimTime whole) {
  if (to_ns(whole) == 0) return "0 %";
  const std::int64_t per_mille = to_ns(part) / std::max<std::int64_t>(to_ns(whole) / 1000, 1);
  return std::to_string(std::min<std::int64_t>((per_mille + 5) / 10, 100)) + " %";
}

std::string right(std::string text, std::size_t columns) {
  return std::string(columns - std::min(columns, text.size()), ' ') + text;
}

/// "label      text", cut to the width of the screen; a cut never splits a UTF-8 character.
std::string line(std::string_view label, const std::string& text) {
  std::string whole(label);
  whole.resize(std::max<std::size_t>(label.size() + 1, 12), ' ');
  whole += text;
  if (whole.size() > kColumns) {
    std::size_t cut = kColumns - 3;
    while (cut > 0 && (static_cast<unsigned char>(whole[cut]) & 0xC0) == 0x80) --cut;
    whole.resize(cut);
    whole += "...";
  }
  return whole + '\n';
}

std::string more(std::size_t total, std::size_t shown, std::string_view what) {
  if (total <= shown) return {};
  return ", and " + std::to_string(total - shown) + " more " + std::string(what);
}

std::string zone_row(const RunSummary& summary, std::size_t i) {
  const ZoneOutline& outline = summary.outline.zones[i];
  const ZoneTotals& totals = summary.events.zones[i];
  const auto end = std::ranges::find(summary.zones_at_end, outline.zone, &ZoneSample::zone);
  const std::string free = end == summary.zones_at_end.end() ? "-" : grouped(end->free);
  const std::string name = "  " + std::to_string(outline.zone.node.value) + "/" +
                           std::string(to_string(outline.zone.type));
  return line(
      name, right(grouped(totals.pages_served), 13) + right(grouped(totals.numa_hit), 13) +
                right(grouped(totals.numa_miss), 13) + right(grouped(totals.numa_foreign), 13) +
                right(free, 13) + "  (" + std::to_string(outline.min.value) + '/' +
                std::to_string(outline.low.value) + '/' + std::to_string(outline.high.value) + ')');
}

std::string zone_table(const RunSummary& summary) {
  std::string text =
      line("  zone", right("pages served", 13) + right("numa_hit", 13) + right("numa_miss", 13) +
                         right("numa_foreign", 13) + right("free at end", 13) + "  (min/low/high)");
  const std::size_t zones = summary.outline.zones.size();
  for (std::size_t i = 0; i < std::min(zones, kZonesShown); ++i) text += zone_row(summary, i);
  if (zones > kZonesShown)
    text += line("  ...", std::to_string(zones - kZonesShown) + " more zones in stats.txt");
  return text;
}

std::string kswapd_line(const RunSummary& summary) {
  const auto& nodes = summary.events.kswapd;
  std::string text;
  for (std::size_t node = 0; node < std::min(nodes.size(), kNodesShown); ++node)
    text += (node ? ", node " : "node ") + std::to_string(node) + " woken " +
            grouped(nodes[node].wakeups) + "x awake " + share(nodes[node].awake, summary.end);
  return line("kswapd", text + more(nodes.size(), kNodesShown, "nodes"));
}

std::string oom_line(const EventTotals& events) {
  std::string text = grouped(static_cast<std::int64_t>(events.oom_kills.size())) + " killed";
  for (std::size_t i = 0; i < std::min(events.oom_kills.size(), kKillsShown); ++i)
    text += (i ? ", " : ": ") + events.oom_kills[i].victim_name + " at " +
            duration(to_ns(events.oom_kills[i].date));
  return line("oom", text + more(events.oom_kills.size(), kKillsShown, "kills"));
}

std::string device_line(const RunSummary& summary, std::size_t i) {
  const DeviceOutline& outline = summary.outline.devices[i];
  const auto& [read, write] = summary.events.congestion[i];
  std::string text = outline.name + ": ";
  const auto totals = std::ranges::find(summary.devices, outline.device, &DeviceTotals::device);
  if (totals != summary.devices.end())
    text += grouped(totals->read_requests) + " reads, " + grouped(totals->write_requests) +
            " writes, busy " + share(totals->busy, summary.end) + "; ";
  text += "congested " + grouped(read.intervals + write.intervals) + "x, " +
          duration(read.congested + write.congested);
  return line("device", text);
}

std::string device_lines(const RunSummary& summary) {
  const std::size_t devices = summary.outline.devices.size();
  std::string text;
  for (std::size_t i = 0; i < std::min(devices, kDevicesShown); ++i)
    text += device_line(summary, i);
  if (devices > kDevicesShown)
    text += line("device", std::to_string(devices - kDevicesShown) + " more in stats.txt");
  return text;
}

std::string numa_line(const EventTotals& events) {
  ZoneTotals all;
  for (const ZoneTotals& zone : events.zones) {
    all.numa_hit += zone.numa_hit;
    all.numa_miss += zone.numa_miss;
    all.numa_local += zone.numa_local;
    all.numa_other += zone.numa_other;
    all.pages_served += zone.pages_served;
    all.pages_freed += zone.pages_freed;
  }
  return line("in all", right(grouped(all.pages_served), 13) + right(grouped(all.numa_hit), 13) +
                            right(grouped(all.numa_miss), 13) + "; " + grouped(all.numa_local) +
                            " local, " + grouped(all.numa_other) + " other; " +
                            grouped(all.pages_freed) + " pages freed");
}

std::string request_line(const EventTotals& events) {
  std::string text = grouped(events.requests) + ": " + grouped(events.served_in_first_pass) +
                     " served at once, " + grouped(events.served_in_later_pass) + " later, " +
                     grouped(events.failed) + " failed";
  if (events.unfinished) text += ", " + grouped(events.unfinished) + " unfinished";
  return line("requests", text);
}

/// How long the run was and what ended it; the story of a panic has more lines, one for each part.
std::string end_lines(const RunSummary& summary) {
  std::string text;
  std::string what = duration(to_ns(summary.end)) + ": " + summary.ended_by;
  std::string_view story = summary.panic;
  if (!story.empty()) what += ": ";
  while (!story.empty()) {
    const std::size_t end = std::min(story.find("; "), story.size());
    text += line(text.empty() ? "simulated" : "", what + std::string(story.substr(0, end)));
    story.remove_prefix(std::min(end + 2, story.size()));
    what.clear();
  }
  return text.empty() ? line("simulated", what) : text;
}

}  // namespace

std::string summary_text(const RunSummary& summary) {
  const EventTotals& events = summary.events;
  std::string text = line("scenario", summary.scenario + ", seed " + std::to_string(summary.seed));
  text += end_lines(summary);
  text += request_line(events);
  text += zone_table(summary);
  text += numa_line(events);
  text += kswapd_line(summary);
  text +=
      line("reclaim", "direct " + grouped(events.direct_reclaim_ns.count()) + "x, " +
                          duration(events.direct_reclaim_ns.sum()) + " in all, " +
                          grouped(events.direct_reclaimed) + " pages, " +
                          grouped(events.direct_reclaims_without_progress) + " without progress");
  text += line("congestion", "waited " + grouped(events.congestion_wait_ns.count()) + "x, " +
                                 duration(events.congestion_wait_ns.sum()) + " in all, " +
                                 grouped(events.congestion_waits_woken) + " woken, " +
                                 grouped(events.congestion_waits_timed_out) + " timed out");
  const Histogram requests = events.request_wait_ns();
  text +=
      line("waiting", "a request: p50 " + duration(requests.quantile(500)) + ", p99 " +
                          duration(requests.quantile(990)) + ", worst " + duration(requests.max()));
  text += oom_line(events);
  text += device_lines(summary);
  return text;
}

}  // namespace numasim::results
