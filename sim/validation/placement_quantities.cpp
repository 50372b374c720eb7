// Where pages went.

#include <map>
#include <string>

#include "sim/validation/quantities.hpp"

namespace numasim::validation {
namespace {

double all_served(const Account& recorded) {
  double all = 0;
  for (const auto& [zone, count] : recorded.allocated) all += static_cast<double>(count);
  return all;
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

/// Page cache of a zone at a mark, which is looked at as it is set.
Reading file_pages_at(const Account& account, std::int64_t mark, int zone) {
  const auto date = account.marks.find(mark);
  if (date == account.marks.end()) return std::nullopt;
  for (const ZoneLook& look : account.looks)
    if (look.zone == zone && look.date >= date->second) return static_cast<double>(look.file);
  return std::nullopt;
}

}  // namespace

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

void add_file_pages(const Account& recorded, double width, std::vector<Quantity>& quantities) {
  constexpr std::int64_t kFirstEnd = 1001, kFiles = 10;
  for (std::int64_t mark = kFirstEnd; mark < kFirstEnd + 10 * kFiles; mark += 10) {
    double all = 0;
    for (const auto& [zone, present] : recorded.zone_pages)
      all += file_pages_at(recorded, mark, zone).value_or(0);
    if (all == 0) continue;
    for (const auto& [zone, present] : recorded.zone_pages)
      quantities.push_back(
          {"page cache in " + zone_name(zone) + " at mark " + std::to_string(mark),
           [mark, zone](const Account& account) { return file_pages_at(account, mark, zone); },
           percent_of(width, all)});
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

}  // namespace numasim::validation
