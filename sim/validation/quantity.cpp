#include "sim/validation/quantity.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "allocator/units.hpp"

namespace numasim::validation {
namespace {

constexpr std::int64_t kLongNapJiffies = 25;  // 100 ms: the waits of reclaim and writeback

Target exact() { return {.kind = Target::Kind::exact}; }
Target percent(double width) { return {.kind = Target::Kind::relative, .width = width}; }
Target percent_of(double width, double whole) {
  return {.kind = Target::Kind::relative, .width = width, .of = whole};
}
Target within(double width) { return {.kind = Target::Kind::absolute, .width = width}; }
Target factor(double width, std::string band = {}) {
  return {.kind = Target::Kind::factor, .width = width, .band = std::move(band)};
}
Target banded(double width, std::string band) {
  return {.kind = Target::Kind::relative, .width = width, .band = std::move(band)};
}

Reading counter(const Account& account, const char* name) {
  const auto found = account.vmstat.find(name);
  return found == account.vmstat.end() ? 0.0 : static_cast<double>(found->second);
}

Quantity counter_quantity(const char* name, Target target) {
  return {name, [name](const Account& account) { return counter(account, name); },
          std::move(target)};
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

template <class Value>
Reading median_of_turns(const Account& account, Value value) {
  std::vector<double> values;
  for (const KswapdTurn& turn : account.kswapd_turns) values.push_back(value(turn));
  if (values.empty()) return std::nullopt;
  return median(std::move(values));
}

template <class Wanted>
double count_naps(const Account& account, Wanted wanted) {
  return static_cast<double>(std::ranges::count_if(account.naps, wanted));
}

Reading woken_early_share(const Account& account) {
  const auto is_long = [](const Nap& nap) { return nap.timeout_jiffies == kLongNapJiffies; };
  const double all = count_naps(account, is_long);
  if (all == 0) return std::nullopt;
  return count_naps(account, [&](const Nap& nap) { return is_long(nap) && !nap.timed_out; }) / all;
}

double length_ms(const Reclaim& reclaim) {
  return static_cast<double>(to_ns(reclaim.end - reclaim.begin)) / 1e6;
}

Reading reclaim_total_ms(const Account& account) {
  double sum = 0;
  for (const Reclaim& reclaim : account.reclaims) sum += length_ms(reclaim);
  return sum;
}

Reading reclaim_longest_ms(const Account& account) {
  double longest = 0;
  for (const Reclaim& reclaim : account.reclaims) longest = std::max(longest, length_ms(reclaim));
  return longest;
}

Reading disk_writes(const Account& account) {
  double sum = 0;
  for (const DeviceWork& device : account.devices)
    sum += static_cast<double>(device.write_requests);
  return sum;
}

/// Free pages of a zone over time, as the last look before each date has it.
class FreePages {
 public:
  FreePages(const Account& account, int zone) {
    for (const ZoneLook& look : account.looks)
      if (look.zone == zone) looks_.push_back(&look);
  }
  bool empty() const { return looks_.empty(); }
  SimTime end() const { return looks_.back()->date; }
  std::int64_t at(SimTime date) {
    while (next_ < looks_.size() && looks_[next_]->date <= date) ++next_;
    return looks_[next_ > 0 ? next_ - 1 : 0]->free;
  }

 private:
  std::vector<const ZoneLook*> looks_;
  std::size_t next_ = 0;
};

/// Mean distance of the free pages at the recording's 20 ms samples, in percent of the zone, to
/// the end of the recorded workload.
Reading free_pages_error(const Account& recorded, const Account& simulated, int zone) {
  constexpr auto kStep = std::chrono::milliseconds{20};
  constexpr std::int64_t kWorkloadOver = 3;
  FreePages theirs(recorded, zone), ours(simulated, zone);
  if (theirs.empty() || ours.empty()) return std::nullopt;
  const auto over = recorded.marks.find(kWorkloadOver);
  const SimTime end = over == recorded.marks.end() ? theirs.end() : over->second;
  double sum = 0, count = 0;
  for (SimTime date{}; date <= end; date += kStep, ++count)
    sum += std::abs(static_cast<double>(theirs.at(date) - ours.at(date)));
  return 100 * sum / count / static_cast<double>(recorded.zone_pages.at(zone));
}

void add_free_pages(const Account& recorded, std::vector<Quantity>& quantities) {
  constexpr double kMostPercent = 3;
  for (const auto& [zone, pages] : recorded.zone_pages)
    quantities.push_back({.name = "free pages over time, " + zone_name(zone) + ", % off",
                          .read = {},
                          .target = {.kind = Target::Kind::most, .width = kMostPercent},
                          .between = [zone](const Account& theirs, const Account& ours) {
                            return free_pages_error(theirs, ours, zone);
                          }});
}

double all_served(const Account& recorded) {
  double all = 0;
  for (const auto& [zone, count] : recorded.allocated) all += static_cast<double>(count);
  return all;
}

void add_served(double width, const Account& recorded, std::vector<Quantity>& quantities) {
  const double all = all_served(recorded);
  for (const auto& [zone, count] : recorded.allocated)
    quantities.push_back({"requests served from " + zone_name(zone),
                          [zone](const Account& account) -> Reading {
                            const auto found = account.allocated.find(zone);
                            if (found == account.allocated.end()) return 0.0;
                            return static_cast<double>(found->second);
                          },
                          percent_of(width, all)});
}

/// Change of a node's counter from the beginning to the last look at the task, or to the end.
Reading numa_change(const Account& account, int node, const std::string& name) {
  const auto begin = account.numa.find("begin");
  auto last = account.numa.find("hold");
  if (last == account.numa.end()) last = account.numa.find("end");
  if (begin == account.numa.end() || last == account.numa.end()) return std::nullopt;
  const auto before = begin->second.find(node), after = last->second.find(node);
  if (before == begin->second.end() || after == last->second.end()) return std::nullopt;
  return static_cast<double>(after->second.at(name) - before->second.at(name));
}

void add_numa_counters(const Account& recorded, double width, std::vector<Quantity>& quantities) {
  const auto begin = recorded.numa.find("begin");
  if (begin == recorded.numa.end()) return;
  const double all = all_served(recorded);
  for (const auto& [node, counters] : begin->second)
    for (const auto& [name, value] : counters)
      quantities.push_back(
          {name + " of node " + std::to_string(node),
           [node, name](const Account& account) { return numa_change(account, node, name); },
           percent_of(width, all)});
}

void add_touched(const Account& recorded, double width, std::vector<Quantity>& quantities) {
  for (std::size_t i = 0; i < recorded.touched.size(); ++i) {
    double all = 0;
    for (const auto& [node, pages] : recorded.touched[i]) all += static_cast<double>(pages);
    for (const auto& [node, pages] : recorded.touched[i])
      quantities.push_back(
          {"touched pages on node " + std::to_string(node) + ", look " + std::to_string(i + 1),
           [node, i](const Account& account) -> Reading {
             if (i >= account.touched.size()) return std::nullopt;
             const auto found = account.touched[i].find(node);
             if (found == account.touched[i].end()) return 0.0;
             return static_cast<double>(found->second);
           },
           percent_of(width, all)});
  }
}

std::string hexadecimal(std::uint32_t number) {
  std::ostringstream text;
  text << "0x" << std::hex << number;
  return text.str();
}

void add_nofail(const Account& recorded, std::vector<Quantity>& quantities) {
  for (std::size_t i = 0; i < recorded.slow_requests.size(); ++i) {
    const SlowRequest& request = recorded.slow_requests[i];
    const std::string name = "request " + std::to_string(i) + " (" + hexadecimal(request.gfp) +
                             (request.memalloc ? " memalloc" : "") + ", order " +
                             std::to_string(request.order) + "): ";
    const auto add = [&](const char* what, auto read, Target target) {
      quantities.push_back({name + what,
                            [i, read](const Account& account) -> Reading {
                              if (i >= account.slow_requests.size()) return std::nullopt;
                              return static_cast<double>(read(account.slow_requests[i]));
                            },
                            std::move(target)});
    };
    add(
        "served", [](const SlowRequest& r) { return r.served ? 1 : 0; }, exact());
    add(
        "rounds", [](const SlowRequest& r) { return r.rounds; }, within(1));
    add(
        "waits of 100 ms", [](const SlowRequest& r) { return r.long_naps; }, within(1));
    add(
        "waits of 20 ms", [](const SlowRequest& r) { return r.short_naps; }, within(1));
  }
}

void add_hook(double width, std::vector<Quantity>& quantities) {
  quantities.push_back(
      {"requests of the hook that were served",
       [](const Account& account) -> Reading { return static_cast<double>(account.hook_served); },
       percent(width)});
  quantities.push_back(
      {"requests of the hook that failed",
       [](const Account& account) -> Reading { return static_cast<double>(account.hook_failed); },
       percent(width)});
}

void add_clean(std::vector<Quantity>& quantities) {
  const auto turns = [](const Account& account) -> Reading {
    return static_cast<double>(account.kswapd_turns.size());
  };
  quantities.push_back({"kswapd wake-ups", turns, percent(5)});
  quantities.push_back({"free pages when kswapd is woken, median",
                        [](const Account& account) {
                          return median_of_turns(account, [](const KswapdTurn& turn) {
                            return static_cast<double>(turn.free_at_wake);
                          });
                        },
                        percent(1)});
  quantities.push_back({"free pages when kswapd falls asleep, median",
                        [](const Account& account) {
                          return median_of_turns(account, [](const KswapdTurn& turn) {
                            return static_cast<double>(turn.free_at_sleep);
                          });
                        },
                        percent(1)});
  quantities.push_back({"pages kswapd frees in a cycle",
                        [](const Account& account) -> Reading {
                          if (account.kswapd_turns.empty()) return std::nullopt;
                          return *counter(account, "kswapd_steal") /
                                 static_cast<double>(account.kswapd_turns.size());
                        },
                        percent(5)});
  quantities.push_back(counter_quantity("kswapd_steal", percent(3)));
  quantities.push_back(counter_quantity("allocstall", within(3)));
}

void add_dirty(std::vector<Quantity>& quantities) {
  quantities.push_back(counter_quantity("allocstall", banded(15, "allocstall")));
  const auto naps = [](const Account& account) -> Reading {
    return count_naps(account,
                      [](const Nap& nap) { return nap.timeout_jiffies == kLongNapJiffies; });
  };
  quantities.push_back({"congestion waits of 100 ms", naps, banded(15, "cw")});
  quantities.push_back(
      {"share of them woken early", woken_early_share, banded(15, "cw_early_share")});
  quantities.push_back(counter_quantity("pageoutrun", banded(15, "pageoutrun")));
  quantities.push_back(counter_quantity("kswapd_steal", banded(15, "kswapd_steal")));
  quantities.push_back({"disk writes", disk_writes, percent(15)});
  quantities.push_back({"direct reclaim, total ms", reclaim_total_ms, factor(1.5, "dr_sum_ms")});
  quantities.push_back(
      {"direct reclaim, longest ms", reclaim_longest_ms, factor(1.5, "dr_max_ms")});
}

void add_oom(std::vector<Quantity>& quantities) {
  quantities.push_back(
      {"OOM kills",
       [](const Account& account) -> Reading { return static_cast<double>(account.kills.size()); },
       exact()});
  quantities.push_back({"constraint of the last out_of_memory",
                        [](const Account& account) -> Reading {
                          if (account.out_of_memory.empty()) return std::nullopt;
                          return static_cast<double>(account.out_of_memory.back());
                        },
                        exact()});
  quantities.push_back({"first victim, by its program's mark",
                        [](const Account& account) -> Reading {
                          if (account.kills.empty()) return std::nullopt;
                          return static_cast<double>(account.kills.front().victim);
                        },
                        exact()});
  quantities.push_back({"anonymous pages at the first kill",
                        [](const Account& account) -> Reading {
                          if (account.kills.empty()) return std::nullopt;
                          std::map<int, std::int64_t> anon;
                          const SimTime kill = account.kills.front().date;
                          for (const ZoneLook& look : account.looks)
                            if (look.date <= kill) anon[look.zone] = look.anon;
                          double sum = 0;
                          for (const auto& [zone, pages] : anon) sum += static_cast<double>(pages);
                          return sum;
                        },
                        percent(1)});
}

}  // namespace

std::string zone_name(int code) {
  const auto type = static_cast<ZoneType>(code % static_cast<int>(kZoneTypes));
  return "zone " + std::string(to_string(type)) + " of node " +
         std::to_string(code / static_cast<int>(kZoneTypes));
}

Family family_of(const Parameters& parameters) {
  const std::string& scenario = parameters.scenario();
  const auto asks = [&](const char* key) { return parameters.number(key, 0) != 0; };
  if (scenario == "anon" || scenario == "mpol") return Family::spill;
  if (scenario == "clean") return Family::clean;
  if (scenario == "nofail") return Family::nofail;
  if (scenario == "dirty" && asks("na")) return Family::atomic;
  if (scenario == "dirty" && asks("sops")) return Family::slow_operations;
  if (scenario == "dirty") return Family::dirty;
  if (scenario == "hogs" && asks("swap")) return Family::swap;
  if (scenario == "hogs") return Family::oom;
  if (scenario.starts_with("cs") || scenario == "cpuset") return Family::cpuset;
  if (scenario == "fault") return Family::fault;
  return Family::other;
}

std::vector<Quantity> quantities_of(const Parameters& parameters, const Account& recorded) {
  std::vector<Quantity> quantities;
  switch (family_of(parameters)) {
    case Family::spill:
      add_served(0.2, recorded, quantities);
      add_numa_counters(recorded, 0.2, quantities);
      if (parameters.number("pages", 0) > 0) add_touched(recorded, 0.2, quantities);
      if (!recorded.kills.empty()) add_oom(quantities);
      break;
    case Family::nofail:
      add_nofail(recorded, quantities);
      break;
    case Family::cpuset:
      add_oom(quantities);
      if (parameters.has("csop")) {
        quantities.pop_back();  // not anonymous memory
        add_hook(1, quantities);
      }
      add_served(0.5, recorded, quantities);
      add_touched(recorded, 0.5, quantities);
      break;
    case Family::other:
      if (parameters.scenario() == "reserve") add_hook(1, quantities);
      break;
    case Family::clean:
      add_clean(quantities);
      break;
    case Family::dirty:
      add_dirty(quantities);
      add_free_pages(recorded, quantities);
      break;
    case Family::oom:
      add_oom(quantities);
      if (recorded.kills.empty()) {
        add_served(0.2, recorded, quantities);
        add_numa_counters(recorded, 0.2, quantities);
      }
      break;
    default:
      break;
  }
  return quantities;
}

}  // namespace numasim::validation
