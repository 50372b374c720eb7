#include "allocator/zonelist.hpp"

#include <algorithm>
#include <limits>

namespace numasim {
namespace {

constexpr int kReclaimDistance = 20;       // RECLAIM_DISTANCE
constexpr int kPenaltyForNodeWithCpus = 1;
constexpr int kMaxNumNodes = 8;            // only scales the load term; any value gives the same

struct NodeChoice {
  const ZonelistPlan& plan;
  std::vector<std::int64_t> load;

  std::size_t nodes() const { return plan.zones.size(); }

  bool has_memory(std::size_t node) const {
    return std::ranges::any_of(plan.zones[node], [](const Zone* z) { return z->populated(); });
  }

  /// At a real boot the zonelists are built while only the boot CPU runs.
  bool counts_as_having_cpus(std::size_t node) const {
    const std::vector<CpuId>& cpus = plan.layout.nodes[node].cpus;
    if (plan.config.zonelists_see_all_cpus) return !cpus.empty();
    return std::ranges::find(cpus, plan.layout.boot_cpu) != cpus.end();
  }

  /// find_next_best_node(): the unused node of smallest penalised distance, ties by load, then id.
  std::optional<std::size_t> next_best(std::size_t local, const std::vector<bool>& used) const {
    if (!used[local]) return local;
    std::optional<std::size_t> best;
    std::int64_t best_value = std::numeric_limits<std::int64_t>::max();
    for (std::size_t node = 0; node < nodes(); ++node) {
      if (used[node]) continue;
      if (!plan.switches.memoryless_in_zonelists && !has_memory(node)) continue;
      std::int64_t value = plan.layout.distance[local][node];
      if (node < local) ++value;
      if (counts_as_having_cpus(node)) value += kPenaltyForNodeWithCpus;
      value = value * static_cast<std::int64_t>(nodes()) * kMaxNumNodes + load[node];
      if (value >= best_value) continue;
      best_value = value;
      best = node;
    }
    return best;
  }

  /// The nodes in the order in which `local` falls back on them.
  std::vector<std::size_t> order_for(std::size_t local) {
    if (!plan.switches.node_load_accumulates) std::ranges::fill(load, 0);
    std::vector<std::size_t> order;
    std::vector<bool> used(nodes(), false);
    std::size_t previous = local;
    auto countdown = static_cast<std::int64_t>(nodes());
    while (const std::optional<std::size_t> node = next_best(local, used)) {
      used[*node] = true;
      const auto& distance = plan.layout.distance[local];
      if (distance[*node] != distance[previous]) {
        if (plan.switches.node_load_accumulates) load[*node] += countdown;
        else load[*node] = countdown;
      }
      previous = *node;
      --countdown;
      order.push_back(*node);
    }
    return order;
  }
};

PageCount present_below_normal(const ZonelistPlan& plan, std::size_t node) {
  return plan.zones[node][index(ZoneType::dma)]->present() +
         plan.zones[node][index(ZoneType::dma32)]->present();
}

PageCount present_of(const ZonelistPlan& plan, std::size_t node) {
  PageCount sum{0};
  for (const Zone* zone : plan.zones[node]) sum += zone->present();
  return sum;
}

/// default_zonelist_order(): zone order spares the low zones, unless they are most of the memory.
ZonelistOrder automatic_order(const ZonelistPlan& plan) {
  PageCount low{0}, total{0};
  std::int64_t nodes_with_memory = 0;
  for (std::size_t node = 0; node < plan.zones.size(); ++node) {
    low += present_below_normal(plan, node);
    total += present_of(plan, node);
    if (present_of(plan, node).value > 0) ++nodes_with_memory;
  }
  if (low.value == 0 || low.value > total.value / 2) return ZonelistOrder::node;
  const std::int64_t average = total.value / (nodes_with_memory + 1);
  for (std::size_t node = 0; node < plan.zones.size(); ++node) {
    const std::int64_t node_low = present_below_normal(plan, node).value;
    const std::int64_t node_total = present_of(plan, node).value;
    if (node_low != 0 && node_total > average && node_low > node_total * 70 / 100)
      return ZonelistOrder::node;
  }
  return ZonelistOrder::zone;
}

ZonelistOrder chosen_order(const ZonelistPlan& plan) {
  if (!plan.switches.zonelist_order_choice) return ZonelistOrder::node;
  if (plan.config.numa_zonelist_order != ZonelistOrder::automatic)
    return plan.config.numa_zonelist_order;
  return automatic_order(plan);
}

void append_populated(Zonelist& list, Zone* zone) {
  if (zone->populated()) list.zones.push_back(zone);
}

void append_node(Zonelist& list, const std::array<Zone*, kZoneTypes>& zones, unsigned highest) {
  for (int type = static_cast<int>(highest); type >= 0; --type)
    append_populated(list, zones[static_cast<unsigned>(type)]);
}

Zonelist fallback_list(const ZonelistPlan& plan, const std::vector<std::size_t>& nodes,
                       ZonelistOrder order, unsigned highest) {
  Zonelist list;
  if (plan.config.zonelist_cache) list.cache.emplace();
  if (order == ZonelistOrder::node) {
    for (const std::size_t node : nodes) append_node(list, plan.zones[node], highest);
    return list;
  }
  for (int type = static_cast<int>(highest); type >= 0; --type)
    for (const std::size_t node : nodes)
      append_populated(list, plan.zones[node][static_cast<unsigned>(type)]);
  return list;
}

}  // namespace

BuiltZonelists build_all_zonelists(const ZonelistPlan& plan) {
  BuiltZonelists built;
  built.order = chosen_order(plan);
  NodeChoice choice{plan, std::vector<std::int64_t>(plan.zones.size(), 0)};
  for (std::size_t node = 0; node < plan.zones.size(); ++node) {
    const std::vector<std::size_t> order = choice.order_for(node);
    for (const std::size_t other : order)
      if (plan.layout.distance[node][other] > kReclaimDistance) built.distant = true;
    NodeZonelists lists;
    for (unsigned type = 0; type < kZoneTypes; ++type) {
      lists.fallback[type] = fallback_list(plan, order, built.order, type);
      if (plan.switches.thisnode_lists) append_node(lists.thisnode[type], plan.zones[node], type);
    }
    built.nodes.push_back(std::move(lists));
  }
  return built;
}

}  // namespace numasim
