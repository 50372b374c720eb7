#include "workloads/state_check.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace numasim {
namespace {

constexpr std::size_t kMostProblems = 20;

class StateCheck {
 public:
  explicit StateCheck(const MachineState& state) : state_(state) {}

  std::vector<Problem> run() {
    for (std::size_t i = 0; i < state_.zones.size(); ++i) {
      const ZoneState& zone = state_.zones[i];
      pointer_ = "/zones/" + std::to_string(i);
      check_place(zone, i);
      check_marks(zone);
      check_pageblocks(zone);
      check_lists(zone);
      check_free_counter(zone);
    }
    return std::move(problems_);
  }

 private:
  void report(const std::string& below, Problem problem) {
    if (problems_.size() >= kMostProblems) return;
    problem.pointer = pointer_ + below;
    problems_.push_back(std::move(problem));
  }

  void check_place(const ZoneState& zone, std::size_t index) {
    if (zone.present > zone.spanned) {
      report("/present_pages",
             {.expected = "at most spanned_pages", .found = std::to_string(zone.present.value)});
    }
    for (std::size_t i = 0; i < index; ++i) {
      const ZoneState& other = state_.zones[i];
      const bool apart =
          zone.start + zone.spanned <= other.start || other.start + other.spanned <= zone.start;
      if (!apart) report("", {.message = "overlaps /zones/" + std::to_string(i)});
      if (std::pair(zone.node, zone.type) <= std::pair(other.node, other.type)) {
        report("", {.message = "zones stand by node, then zone type, each once"});
        return;
      }
    }
  }

  void check_marks(const ZoneState& zone) {
    if (zone.min <= zone.low && zone.low <= zone.high) return;
    report("", {.expected = "min_pages <= low_pages <= high_pages",
                .found = std::to_string(zone.min.value) + ", " + std::to_string(zone.low.value) +
                         ", " + std::to_string(zone.high.value)});
  }

  void check_pageblocks(const ZoneState& zone) {
    const std::size_t expected = pageblocks_of(zone, state_.pageblock_order);
    if (zone.pageblocks.size() == expected) return;
    report("/pageblock_types", {.expected = std::to_string(expected) + " digits",
                                .found = std::to_string(zone.pageblocks.size())});
  }

  void check_lists(const ZoneState& zone) {
    listed_.assign(static_cast<std::size_t>(zone.spanned.value), false);
    for (std::size_t i = 0; i < zone.free_lists.size(); ++i) {
      const FreeListState& list = zone.free_lists[i];
      const std::string below = "/free_lists/" + std::to_string(i) + "/pfns/";
      for (std::size_t k = 0; k < list.blocks.size(); ++k) {
        take(zone, list.blocks[k], list.order, below + std::to_string(k));
      }
    }
    for (std::size_t i = 0; i < zone.pagesets.size(); ++i) {
      const PagesetState& pageset = zone.pagesets[i];
      const std::string below = "/pagesets/" + std::to_string(i);
      take_pages(zone, pageset.hot, below + "/hot/pages/");
      take_pages(zone, pageset.cold, below + "/cold/pages/");
      if (i > 0 && pageset.cpu <= zone.pagesets[i - 1].cpu) {
        report(below, {.message = "pagesets stand by CPU, each once"});
      }
    }
  }

  void take_pages(const ZoneState& zone, const PerCpuListState& list, const std::string& below) {
    for (std::size_t k = 0; k < list.pages.size(); ++k) {
      take(zone, list.pages[k].pfn, Order{0}, below + std::to_string(k));
    }
  }

  /// Marks the frames of one block; each may be on one list only.
  void take(const ZoneState& zone, Pfn block, Order order, const std::string& below) {
    const std::string found = std::to_string(block.value);
    const Pfn end = block + order.pages();
    if (block < zone.start || end > zone.start + zone.spanned) {
      report(below, {.expected = "a block inside the zone", .found = found});
      return;
    }
    if (block.value % static_cast<std::uint64_t>(order.pages().value) != 0) {
      report(below,
             {.expected = "a multiple of " + std::to_string(order.pages().value), .found = found});
      return;
    }
    const auto first = static_cast<std::size_t>((block - zone.start).value);
    for (std::size_t i = first; i < first + static_cast<std::size_t>(order.pages().value); ++i) {
      if (listed_[i]) {
        report(below, {.message = "frame " + std::to_string(zone.start.value + i) +
                                  " stands on two lists"});
        return;
      }
      listed_[i] = true;
    }
  }

  void check_free_counter(const ZoneState& zone) {
    PageCount counted = zone.free;
    for (const PagesetState& pageset : zone.pagesets) counted += pageset.pending_free;
    PageCount listed{};
    for (const FreeListState& list : zone.free_lists) {
      listed.value += static_cast<std::int64_t>(list.blocks.size()) * list.order.pages().value;
    }
    if (counted == listed) return;
    report("/free_pages", {.message = "free_pages and pending_free_pages together",
                           .expected = std::to_string(listed.value) + ", as on the free lists",
                           .found = std::to_string(counted.value)});
  }

  const MachineState& state_;
  std::string pointer_;
  std::vector<Problem> problems_;
  std::vector<bool> listed_;  // by frame of the zone at hand
};

}  // namespace

std::size_t pageblocks_of(const ZoneState& zone, Order pageblock_order) {
  if (zone.spanned.value == 0) return 0;
  const std::uint64_t first = zone.start.value >> pageblock_order.value;
  const std::uint64_t last = (zone.start + zone.spanned).value - 1;
  return (last >> pageblock_order.value) - first + 1;
}

std::vector<Problem> problems_of(const MachineState& state) { return StateCheck(state).run(); }

}  // namespace numasim
