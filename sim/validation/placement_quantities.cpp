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
