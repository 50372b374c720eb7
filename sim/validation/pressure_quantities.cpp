// Reclaim, writeback and swap.

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/validation/quantities.hpp"

namespace numasim::validation {
namespace {

constexpr std::int64_t kLongNapJiffies = 25;  // 100 ms: the waits of reclaim and writeback

Reading counter(const Account& account, const char* name) {
  const auto found = account.vmstat.find(name);
  return found == account.vmstat.end() ? 0.0 : static_cast<double>(found->second);
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

Reading share_at(const Account& account, std::int64_t mark, std::size_t disk) {
  const auto date = account.marks.find(mark);
  if (date == account.marks.end()) return std::nullopt;
  for (const DeviceLook& look : account.device_looks)
    if (look.disk == disk && look.date >= date->second) return look.share;
  return std::nullopt;
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

}  // namespace

Quantity counter_quantity(const char* name, Target target) {
  return {name, [name](const Account& account) { return counter(account, name); },
          std::move(target)};
}

void add_memory_pressure(std::vector<Quantity>& quantities) {
  quantities.push_back({"memory_pressure, highest reading",
                        [](const Account& account) -> Reading {
                          const auto& readings = account.memory_pressure;
                          if (readings.empty()) return std::nullopt;
                          return static_cast<double>(*std::ranges::max_element(readings));
                        },
                        percent(10)});
  quantities.push_back({"memory_pressure, mean of all readings",
                        [](const Account& account) -> Reading {
                          double sum = 0;
                          for (const std::int64_t reading : account.memory_pressure)
                            sum += static_cast<double>(reading);
                          if (account.memory_pressure.empty()) return std::nullopt;
                          return sum / static_cast<double>(account.memory_pressure.size());
                        },
                        percent(10)});
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

/// With the end of each writer, where two disks are written.
void add_shares(const Parameters& parameters, std::vector<Quantity>& quantities) {
  constexpr std::int64_t kWriterEnds[] = {1001, 1501};
  constexpr std::size_t kDisks = 2;
  constexpr double kWidth = 0.05;
  if (parameters.number("nw1", 0) == 0) return;
  for (const std::int64_t mark : kWriterEnds)
    for (std::size_t disk = 0; disk < kDisks; ++disk)
      quantities.push_back({"share of completions of kd" + std::to_string(disk) + " at mark " +
                                std::to_string(mark),
                            [mark, disk](const Account& account) {
                              return share_at(account, mark, disk);
                            },
                            within(kWidth)});
}

void add_swap(std::vector<Quantity>& quantities) {
  quantities.push_back(counter_quantity("pswpout", percent(15)));
  quantities.push_back(counter_quantity("pswpin", percent(15)));
  quantities.push_back({"congestion waits of 100 ms",
                        [](const Account& account) -> Reading {
                          return count_naps(account, [](const Nap& nap) {
                            return nap.timeout_jiffies == kLongNapJiffies;
                          });
                        },
                        percent(15)});
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

}  // namespace numasim::validation
