#include "allocator/zone_layout.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace numasim {
namespace {

constexpr Pfn kNoLimit{std::numeric_limits<std::uint64_t>::max()};
constexpr std::int64_t kTopBlockPages = std::int64_t{1} << (kMaxOrder - 1);

constexpr PfnRange intersection(PfnRange a, PfnRange b) {
  const Pfn begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

constexpr std::int64_t round_up(std::int64_t n, std::int64_t step) {
  return (n + step - 1) / step * step;
}

std::vector<PfnRange> sorted_ranges(const NodeLayout& node) {
  std::vector<PfnRange> ranges = node.ranges;
  std::ranges::sort(ranges, {}, [](const PfnRange& r) { return r.begin; });
  return ranges;
}

PfnRange span_of(const NodeLayout& node) {
  if (node.ranges.empty()) return {};
  PfnRange span = node.ranges.front();
  for (const PfnRange& range : node.ranges) {
    span.begin = std::min(span.begin, range.begin);
    span.end = std::max(span.end, range.end);
  }
  return span;
}

PageCount ram_in(const NodeLayout& node, PfnRange where) {
  PageCount sum{0};
  for (const PfnRange& range : node.ranges) sum += intersection(range, where).pages();
  return sum;
}

/// Global limits of DMA, DMA32 and Normal.
constexpr std::array<PfnRange, 3> kZoneLimits{
    {{Pfn{0}, kDmaEnd}, {kDmaEnd, kDma32End}, {kDma32End, kNoLimit}}};

/// The zone type that Movable memory is taken from: the highest the machine reaches into.
std::size_t zone_giving_movable(const MachineLayout& layout) {
  Pfn end{0};
  for (const NodeLayout& node : layout.nodes) end = std::max(end, span_of(node).end);
  for (std::size_t type = kZoneLimits.size(); type-- > 1;)
    if (end > kZoneLimits[type].begin) return type;
  return 0;
}

/// Spreads the memory that must not be movable over the nodes (find_zone_movable_pfns_for_nodes).
class KernelcoreSpread {
 public:
  KernelcoreSpread(const MachineLayout& layout, PageCount required)
      : layout_(layout),
        required_(required.value),
        usable_from_(kZoneLimits[zone_giving_movable(layout)].begin),
        starts_(layout.nodes.size(), Pfn{0}) {}

  /// First movable pfn of each node, 0 for a node without memory.
  std::vector<Pfn> spread() {
    auto nodes_left = std::ranges::count_if(
        layout_.nodes, [](const NodeLayout& node) { return !node.ranges.empty(); });
    do {  // a node too small for its share leaves a rest, spread over one node fewer
      share_over(nodes_left);
      --nodes_left;
    } while (nodes_left > 0 && required_ > nodes_left);
    for (Pfn& start : starts_)
      start = Pfn{static_cast<std::uint64_t>(
          round_up(static_cast<std::int64_t>(start.value), kTopBlockPages))};
    return starts_;
  }

 private:
  void share_over(std::int64_t nodes) {
    std::int64_t share = required_ / nodes;
    for (std::size_t node = 0; node < layout_.nodes.size(); ++node) {
      if (layout_.nodes[node].ranges.empty()) continue;
      if (required_ < share) share = required_ / nodes;
      give_to_node(node, share);
    }
  }

  void give_to_node(std::size_t node, std::int64_t left) {
    for (const PfnRange& range : sorted_ranges(layout_.nodes[node])) {
      Pfn begin = std::max(range.begin, starts_[node]);
      if (begin >= range.end) continue;
      if (begin < usable_from_) {  // low zones are kernelcore anyway
        const std::int64_t low = (std::min(range.end, usable_from_) - begin).value;
        left -= std::min(low, left);
        required_ -= std::min(low, required_);
        if (range.end <= usable_from_) {
          starts_[node] = range.end;
          continue;
        }
        begin = usable_from_;
      }
      const std::int64_t taken = std::min((range.end - begin).value, left);
      starts_[node] = begin + PageCount{taken};
      required_ -= std::min(required_, taken);
      left -= taken;
      if (left == 0) return;
    }
  }

  const MachineLayout& layout_;
  std::int64_t required_;
  Pfn usable_from_;
  std::vector<Pfn> starts_;
};

PageCount kernelcore_of(const MachineLayout& layout, const KernelConfig& config) {
  if (!switches_of(config.era).movable_zone) return {0};
  PageCount kernelcore = config.kernelcore;
  if (config.movablecore.value > 0) {
    PageCount total{0};
    for (const NodeLayout& node : layout.nodes) total += ram_in(node, span_of(node));
    const PageCount rest{total.value - round_up(config.movablecore.value, kTopBlockPages)};
    kernelcore = std::max(kernelcore, rest);
  }
  return kernelcore;
}

/// Limits of the four zones on a node whose Movable zone starts at `movable` (0: nowhere).
std::array<PfnRange, kZoneTypes> limits_on_node(Pfn movable, std::size_t giving) {
  std::array<PfnRange, kZoneTypes> limits;
  std::ranges::copy(kZoneLimits, limits.begin());
  if (movable.value == 0) return limits;
  limits[index(ZoneType::movable)] = intersection(kZoneLimits[giving], {movable, kNoLimit});
  for (std::size_t type = 0; type < kZoneLimits.size(); ++type) {
    PfnRange& limit = limits[type];
    if (limit.begin >= movable) limit.end = limit.begin;
    else limit.end = std::min(limit.end, movable);
  }
  return limits;
}

PageCount present_in(const NodeLayout& node, PfnRange span, std::size_t type,
                     const KernelConfig& config) {
  const PageCount ram = ram_in(node, span);
  const PageCount memory_map{span.pages().value * config.struct_page_bytes >> kPageShift};
  PageCount present = ram >= memory_map ? ram - memory_map : ram;
  if (type == 0 && present > config.dma_reserve) present -= config.dma_reserve;
  return present;
}

}  // namespace

std::vector<NodeZones> lay_out_zones(const MachineLayout& layout, const KernelConfig& config) {
  std::vector<Pfn> movable(layout.nodes.size(), Pfn{0});
  const PageCount kernelcore = kernelcore_of(layout, config);
  if (kernelcore.value > 0) movable = KernelcoreSpread(layout, kernelcore).spread();

  const std::size_t giving = zone_giving_movable(layout);
  std::vector<NodeZones> nodes;
  for (std::size_t n = 0; n < layout.nodes.size(); ++n) {
    NodeZones node;
    node.movable_start = movable[n];
    const auto limits = limits_on_node(movable[n], giving);
    for (std::size_t type = 0; type < kZoneTypes; ++type) {
      const PfnRange span = intersection(span_of(layout.nodes[n]), limits[type]);
      if (span.pages().value == 0) continue;
      node.zones[type] = {span, present_in(layout.nodes[n], span, type, config)};
    }
    nodes.push_back(node);
  }
  return nodes;
}

std::vector<PfnRange> boot_free_runs(const NodeLayout& node,
                                     const std::vector<PfnRange>& reserved) {
  std::vector<PfnRange> runs;
  for (PfnRange range : sorted_ranges(node)) {
    std::vector<PfnRange> pieces{range};
    for (const PfnRange& hole : reserved) {
      std::vector<PfnRange> rest;
      for (const PfnRange& piece : pieces) {
        const PfnRange before = intersection(piece, {Pfn{0}, hole.begin});
        const PfnRange after = intersection(piece, {hole.end, kNoLimit});
        if (before.pages().value > 0) rest.push_back(before);
        if (after.pages().value > 0) rest.push_back(after);
      }
      pieces = std::move(rest);
    }
    for (const PfnRange& piece : pieces) {
      if (!runs.empty() && runs.back().end == piece.begin) runs.back().end = piece.end;
      else runs.push_back(piece);
    }
  }
  return runs;
}

}  // namespace numasim
