#include "sim/validation/residents.hpp"

#include <algorithm>
#include <string>

#include "workloads/kernel2624/stream.hpp"

namespace numasim::validation {
namespace {

const ZoneState* zone_of_code(const MachineState& state, int code) {
  for (const ZoneState& zone : state.zones)
    if (kernel2624::ZoneCode::of(zone.node, zone.type).value == code) return &zone;
  return nullptr;
}

/// Frames of a zone that stand on no list, highest first: those where user pages would lie.
std::vector<Pfn> frames_in_use(const MachineState& state, const ZoneState& zone,
                               std::size_t count) {
  std::vector<bool> listed(static_cast<std::size_t>(zone.spanned.value));
  const auto strike = [&](Pfn first, PageCount length) {
    for (std::int64_t i = 0; i < length.value; ++i)
      listed[first.value - zone.start.value + static_cast<std::uint64_t>(i)] = true;
  };
  for (const FreeListState& list : zone.free_lists)
    for (const Pfn block : list.blocks) strike(block, list.order.pages());
  for (const PagesetState& pageset : zone.pagesets)
    for (const PerCpuListState* list : {&pageset.hot, &pageset.cold})
      for (const ListedPage& page : list->pages) strike(page.pfn, PageCount{1});

  const std::uint64_t first_block = zone.start.value >> state.pageblock_order.value;
  const bool grouped =
      std::ranges::find(zone.pageblocks, MigrateType::movable) != zone.pageblocks.end();
  std::vector<Pfn> frames;
  for (std::size_t i = listed.size() - 1; i-- > 0 && frames.size() < count;) {
    const Pfn pfn = zone.start + PageCount{static_cast<std::int64_t>(i)};
    const std::uint64_t block = (pfn.value >> state.pageblock_order.value) - first_block;
    const bool fits = !grouped || zone.pageblocks[block] == MigrateType::movable;
    if (!listed[i] && fits) frames.push_back(pfn);
  }
  return frames;
}

/// Puts the pages on the lists as those of a kernel that has booted: the first came first, and
/// `inactive` of them have not been used since.
void order_lists(Kernel& kernel, const OnCpu& on, const std::vector<Pfn>& pages,
                 std::int64_t inactive) {
  kernel.lru().drain(on);
  for (const Pfn pfn : pages) {
    if (!kernel.memory().frames()[pfn].has(PageFlag::lru)) continue;
    Zone& zone = kernel.memory().zone_of(pfn);
    kernel.lru().remove(on, zone, pfn);
    kernel.lru().insert(on, zone, pfn, inactive-- <= 0);
  }
}

}  // namespace

void move_residents_in(Crew& crew, Process& parent, const MachineState& state,
                       const std::vector<LruPages>& pages) {
  Kernel& kernel = crew.kernel();
  for (const LruPages& lru : pages) {
    const ZoneState* zone = zone_of_code(state, lru.zone);
    const std::int64_t count = lru.inactive + lru.active;
    if (!zone || count == 0) continue;
    const auto frames = frames_in_use(state, *zone, static_cast<std::size_t>(count));
    const std::string region = "resident" + std::to_string(lru.zone);
    const std::string text = "text" + std::to_string(lru.zone);
    const auto length = static_cast<std::int64_t>(frames.size());
    const std::int64_t file_pages = std::min(lru.file, length);
    kernel.map(parent.task, region, PageCount{length - file_pages}, "", false,
               kernel.policies().make(MemPolicy::Mode::preferred, {zone->node}));
    kernel.create_in_memory(text);
    PageIndex file_page = 0, own_page = 0;
    for (const Pfn pfn : frames) {
      kernel.memory().frames()[pfn].become(FrameState::in_use, Order{0}, MigrateType::movable);
      kernel.free_pages(parent.task, pfn, Order{0}, false);
      // The boot's files came before the processes that it started.
      if (file_page < file_pages) kernel.write(parent.task, text, file_page++, PageCount{1});
      else kernel.touch(parent.task, region, own_page++, PageCount{1}, true);
    }
    order_lists(kernel, OnCpu{parent.task}, frames, lru.inactive);
    // What stands on the active list are the programs that run.
    if (const PageCount used{file_pages - lru.inactive}; used.value > 0)
      crew.run_text(parent, text, static_cast<PageIndex>(lru.inactive), used);
  }
}

}  // namespace numasim::validation
