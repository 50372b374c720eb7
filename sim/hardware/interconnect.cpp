#include "sim/hardware/interconnect.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "allocator/check.hpp"

namespace numasim {
namespace {

constexpr int kLocalDistance = 10;
constexpr int kRemoteDistance = 20;

std::vector<std::vector<int>> distances(const MachineConfig& config) {
  if (!config.distance.empty()) return config.distance;
  const std::size_t nodes = config.nodes.size();
  std::vector<std::vector<int>> table(nodes, std::vector<int>(nodes, kRemoteDistance));
  for (std::size_t node = 0; node < nodes; ++node) table[node][node] = kLocalDistance;
  return table;
}

int smallest_remote(const std::vector<std::vector<int>>& distance) {
  int smallest = 255;
  for (std::size_t from = 0; from < distance.size(); ++from)
    for (std::size_t to = 0; to < distance.size(); ++to)
      if (from != to) smallest = std::min(smallest, distance[from][to]);
  return smallest;
}

/// Hops from every end to `target`, against the direction of the links; absent: none leads there.
std::vector<std::optional<unsigned>> hops_to(unsigned target,
                                             const std::vector<std::vector<unsigned>>& comes_from) {
  std::vector<std::optional<unsigned>> hops(comes_from.size());
  hops[target] = 0;
  std::deque<unsigned> next{target};
  while (!next.empty()) {
    const unsigned end = next.front();
    next.pop_front();
    for (const unsigned before : comes_from[end]) {
      if (hops[before]) continue;
      hops[before] = *hops[end] + 1;
      next.push_back(before);
    }
  }
  return hops;
}

}  // namespace

Interconnect::Interconnect(const MachineConfig& config) : distance_(distances(config)) {
  const auto nodes = static_cast<unsigned>(config.nodes.size());
  if (!config.links.empty()) {
    add_given_links(config);
    find_routes(nodes, nodes + static_cast<unsigned>(config.routers));
  } else {
    if (config.memory_bus.routes == Routes::hops) add_links_of_neighbours(config);
    if (!links_.empty()) find_routes(nodes, nodes);
    if (links_.empty() || !distances_tell_of_hops()) {
      add_direct_links(config);
      find_routes(nodes, nodes);
    }
  }
  set_latencies(config);
}

void Interconnect::add_given_links(const MachineConfig& config) {
  const MemoryBusConfig& bus = config.memory_bus;
  std::map<std::pair<int, int>, const LinkConfig*> by_ends;
  for (const LinkConfig& link : config.links) by_ends[{link.from, link.to}] = &link;
  for (const LinkConfig& link : config.links) by_ends.insert({{link.to, link.from}, &link});
  for (const auto& [ends, link] : by_ends) {
    links_.push_back({static_cast<unsigned>(ends.first), static_cast<unsigned>(ends.second),
                      link->bytes_per_second.value_or(bus.link_bytes_per_second)});
    link_latency_.push_back(link->latency.value_or(bus.hop_latency));
  }
}

void Interconnect::add_links_of_neighbours(const MachineConfig& config) {
  const int nearest = smallest_remote(distance_);
  const auto nodes = static_cast<unsigned>(distance_.size());
  for (unsigned from = 0; from < nodes; ++from)
    for (unsigned to = 0; to < nodes; ++to)
      if (from != to && distance_[from][to] == nearest)
        links_.push_back({from, to, config.memory_bus.link_bytes_per_second});
}

void Interconnect::add_direct_links(const MachineConfig& config) {
  links_.clear();
  const auto nodes = static_cast<unsigned>(distance_.size());
  for (unsigned from = 0; from < nodes; ++from)
    for (unsigned to = 0; to < nodes; ++to)
      if (from != to) links_.push_back({from, to, config.memory_bus.link_bytes_per_second});
}

/// Each step goes to the smallest-numbered neighbour that is one hop nearer.
void Interconnect::find_routes(unsigned nodes, unsigned ends) {
  std::vector<std::vector<std::pair<unsigned, std::uint32_t>>> leads_to(ends);
  std::vector<std::vector<unsigned>> comes_from(ends);
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    leads_to[links_[i].from].emplace_back(links_[i].to, i);
    comes_from[links_[i].to].push_back(links_[i].from);
  }
  for (auto& neighbours : leads_to) std::ranges::sort(neighbours);
  routes_.assign(nodes, std::vector<Route>(nodes));
  for (unsigned to = 0; to < nodes; ++to) {
    const auto hops = hops_to(to, comes_from);
    for (unsigned from = 0; from < nodes; ++from) {
      for (unsigned at = from; at != to && hops[at];) {
        const auto is_nearer = [&](const auto& step) {
          return hops[step.first] && *hops[step.first] + 1 == *hops[at];
        };
        const auto step = std::ranges::find_if(leads_to[at], is_nearer);
        routes_[from][to].push_back(step->second);
        at = step->first;
      }
    }
  }
}

bool Interconnect::distances_tell_of_hops() const {
  struct Range {
    int least = 255;
    int most = 0;
  };
  std::map<std::size_t, Range> by_hops;
  for (std::size_t from = 0; from < routes_.size(); ++from) {
    for (std::size_t to = 0; to < routes_.size(); ++to) {
      if (from == to) continue;
      if (routes_[from][to].empty()) return false;
      Range& range = by_hops[routes_[from][to].size()];
      range.least = std::min(range.least, distance_[from][to]);
      range.most = std::max(range.most, distance_[from][to]);
    }
  }
  int most_so_far = 0;
  for (const auto& [hops, range] : by_hops) {
    if (range.least <= most_so_far) return false;
    most_so_far = range.most;
  }
  return true;
}

void Interconnect::set_latencies(const MachineConfig& config) {
  const std::size_t nodes = routes_.size();
  latency_.assign(nodes, std::vector<SimDuration>(nodes, SimDuration{0}));
  for (std::size_t from = 0; from < nodes; ++from) {
    for (std::size_t to = 0; to < nodes; ++to) {
      if (from == to) continue;
      SimDuration& latency = latency_[from][to];
      MM_CHECK(!routes_[from][to].empty(), "no way from node", from, "to node", to);
      if (link_latency_.empty()) {
        const int beyond = std::max(0, distance_[from][to] - kLocalDistance);
        latency = config.memory_bus.hop_latency * beyond / 10;
      } else {
        for (const std::uint32_t link : routes_[from][to]) latency += link_latency_[link];
      }
    }
  }
}

std::int64_t Interconnect::bytes_per_second(NodeId from, NodeId to) const {
  const Route& way = route(from, to);
  MM_CHECK(!way.empty(), "from", from.value, "to", to.value);
  std::int64_t slowest = links_[way.front()].bytes_per_second;
  for (const std::uint32_t link : way) slowest = std::min(slowest, links_[link].bytes_per_second);
  return slowest;
}

std::vector<char> Interconnect::reached_from_first(const MachineConfig& config) {
  std::vector<std::vector<unsigned>> neighbours(config.nodes.size() +
                                                static_cast<std::size_t>(config.routers));
  for (const LinkConfig& link : config.links) {
    const auto from = static_cast<unsigned>(link.from), to = static_cast<unsigned>(link.to);
    neighbours[from].push_back(to);
    neighbours[to].push_back(from);
  }
  std::vector<char> reached;
  for (const auto& hops : hops_to(0, neighbours)) reached.push_back(hops.has_value());
  return reached;
}

}  // namespace numasim
